import type { NeuronWords } from "./neuron.en";

/** 1 つのスコアの言葉。 */
export const neuronJa: NeuronWords = {
  asking: "このスコアの成り立ちを Python に問い合わせています…",
  needsPython:
    "この組のクエリとキーはこのページにありません。Python から受け取るため、カーネルの実行が必要です。",
  kept: (layer, head) =>
    `選んだ組を見るにはカーネルの実行が必要です。下は最後に問い合わせた組（第 ${layer} 層、ヘッド ${head}）です。`,
  goThere: "その組を選ぶ",
  absent:
    "この記録にあるのは重みだけです。重みの成り立ちを見るにはクエリとキーが必要で、モデルを実行すれば記録に残ります。Python では次のように書きます（view はこのエクスプローラーの名前）。",
  never: "このモデルのクエリとキーは取り出せないため、スコアを分解できません。",
  oneHead: (layer, head) =>
    `スコアは 1 つのヘッドのものです。ここでは第 ${layer} 層、ヘッド ${head} を見ています。`,
  pair: (query, key) => [query, " は ", key, " をどれだけ見るか"],
  query: "見る側のトークン",
  key: "見られる側のトークン",
  before: "1 つ前のトークン",
  after: "1 つ後のトークン",

  dimensions: (count) => `このヘッドの ${count} 次元`,
  order: "次元の並べ方",
  orders: { number: "番号順", size: "大きさ順" },
  q: "クエリ",
  k: "キー",
  product: "積",
  dimensionsLabel: (count) =>
    `${count} 次元のクエリ、キーとその積。オレンジは 0 より上、青は 0 より下。左右の矢印で 1 次元ずつ読みます。`,
  split: (up, down) => `オレンジ（上）：正の積の合計は ${up}。青（下）：負の積の合計は ${down}。`,
  dimension: (d, q, k, product) => `次元 ${d}：${q} × ${k} = ${product}`,

  sum: (dim) => `${dim} 個の積を足す`,
  sumHelp: "クエリとキーの向きが近いほど大きくなります。",
  scaled: (by, dim) => `${by} をかける${dim === null ? "" : `（= 1 / √${dim}）`}`,
  scaledHelp:
    "どの組にも同じ数をかけます。次元が多くてもスコアが大きくなりすぎないようにするためです。",
  unscaledHelp: "このモデルはスコアに係数をかけません。",
  capped: (cap) => `ソフトキャップ：${cap} · tanh(スコア / ${cap})`,
  cappedHelp: (cap) => `どのスコアも −${cap} から ${cap} の間に収めます。`,
  added: (bias) => `${bias} を足す`,
  addedHelp: "2 つのトークンの位置だけで決まるバイアスです。何のトークンかによりません。",
  masked: "マスク",
  allowed: "このキーは見ることができます。",
  forbidden: "このキーは見ることができません。スコアは −∞ に置き換わります。",
  gone: (gone, keys) =>
    gone === 0
      ? `この行の ${keys} 個すべてを見ることができます。`
      : `この行の ${keys} 個のうち ${gone} 個をマスクが禁じています。`,
  softmax: "行全体でソフトマックス",
  softmaxHelp: (score, top, power, total) =>
    `行の最大のスコアは ${top} なので、e^(${score} − ${top}) = ${power}。これを、行全体で同じように求めた値の合計 ${total} で割ります。`.replaceAll(
      "− −",
      "+ ",
    ),
  softmaxForbidden: "e^(−∞) = 0 なので何も受け取らず、その分は他のキーに回ります。",
  nothing: "このクエリはどこも見ることができません。重みはすべて 0 です。",
  sink: (rest) =>
    `どのトークンのものでもない学習済みのスコアが、行のうち ${rest} を受け取ります。記録から分かるのはその割合だけで、スコアそのものは分かりません。`,
  rivals: "競い合うキーと、そのスコアと重み",
  pick: "このキーの成り立ちを見る",
  others: (count) => `他 ${count} 個`,
  nobody: "トークンなし",
  recorded: "記録にある重み",
  agrees: (apart, dtype) =>
    apart === null
      ? "同じ数です。この手順で抜けているものはありません。"
      : `差は ${apart} 以内で、同じ数です。記録は重みを ${dtype} で持っています。`,
  differs: (apart) => `この手順の結果は記録の重みと ${apart} 違います。`,
  underChange: "モデルは変更を加えて実行されており、その変更が途中で働いています。",
  unknown:
    "モデルの計算の丸めがこの手順より粗いか、記録にないもの（マスクに含まれるバイアスなど）をモデルが足しています。",
};
