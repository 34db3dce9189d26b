import { common } from "./common";
import type { Words } from "./en";
import { gridJa } from "./grid.ja";
import { habitsJa } from "./habits.ja";
import { layersJa } from "./layers.ja";
import { linesJa } from "./lines.ja";
import { matrixJa } from "./matrix.ja";
import { neuronJa } from "./neuron.ja";
import { clipped } from "./numbers";
import { patchesJa } from "./patches.ja";
import { saveJa } from "./save.ja";
import { specialJa } from "./special.ja";
import { tableJa } from "./table.ja";

/** 画面に出るすべての言葉（日本語）。`en.ts` と同じことを言う。 */
export const ja: Words = {
  ...common.ja,
  grid: gridJa,
  habits: habitsJa,
  lines: linesJa,
  layers: layersJa,
  matrix: matrixJa,
  neuron: neuronJa,
  patches: patchesJa,
  save: saveJa,
  table: tableJa,
  explorer: "アテンション・エクスプローラー",
  about: (text) => `およそ ${text}`,

  quoted: (text) => `「${clipped(text)}」`,
  title: (layers, heads, tokens, kind) =>
    `${layers} 層 × ${heads} ヘッド、${tokens} トークン、${kind}`,
  kinds: {
    encoder: "エンコーダ（どのトークンもすべてを見る）",
    decoder: "デコーダ（前のトークンだけを見る）",
    cross: "クロス注意（2 つ目の文が 1 つ目の文を見る）",
  },
  tokensLost: (count, kept) =>
    `文のうち ${count} トークンを切り落とし、${kept} トークンで実行しました。`,

  gridTitle: "すべてのヘッド",
  gridHelp: "行が層、列がヘッドです。どちらも Python と同じく 0 から数えます。",
  layer: "層",
  head: "ヘッド",
  layersShown: (first, last) => (first === last ? `第 ${first} 層` : `第 ${first}〜${last} 層`),
  firstLayer: "表示する最初の層",
  lastLayer: "表示する最後の層",
  headsShown: "ヘッド",
  allHeads: "すべて",
  showHead: (head) => `ヘッド ${head} を表示`,
  gridLabel: (rows, columns, layer, head) =>
    `注意の重みの図。${rows} 層 × ${columns} ヘッド。選択中：第 ${layer} 層、ヘッド ${head}。矢印キーで移動します。`,
  headReading: (layer, head) => `第 ${layer} 層・ヘッド ${head}`,
  specialReading: (share, uniform) =>
    `単語の注意の ${share} が特殊トークンに向いています（均等なら ${uniform}）`,
  outsideReading: (share) => `${share} がマスクの外にあります`,

  legend: "凡例",
  scale: "注意の重み",
  pooledNote: "小さい図では、1 画素に入る重みのうち最大のものを描きます。",
  threshold: "これより小さい重みを隠す",
  thresholdHint: "丸いつまみを動かすと、小さな重みを隠せます。",
  thresholdValue: (value) => `${value} より小さい重みは描きません`,
  roleName: (role) =>
    ({
      cls: "[CLS]",
      sep: "[SEP]",
      bos: "文頭",
      eos: "文末",
      pad: "パディング",
      mask: "[MASK]",
      special: "その他の特殊トークン",
      first: "先頭の位置",
      punctuation: "句読点",
    })[role] ?? role,
  legendMark: (role) => `${role} の列・行と、注意の割合`,
  legendShare: (role) => `${role} に向いた注意の割合`,
  legendUniform: "均等な割合",
  legendVeil: "マスクが禁じる組",
  legendOutside: "マスクの外に出る注意の割合",
  legendHidden: "隠した特殊トークン",

  viewsName: "このヘッドの描き方",
  views: {
    matrix: "行列",
    lines: "線",
    text: "本文",
    neuron: "スコア",
    layers: "層ごと",
    table: "表",
  },
  matrixTitle: (layer, head) => `第 ${layer} 層・ヘッド ${head}`,
  matrixLabel: (queries, keys) =>
    `このヘッドの注意。${queries} 個のトークンが ${keys} 個を見ています。矢印キーで選択を動かし、Esc で解除します。`,
  matrixHint:
    "1 行が 1 つのトークンで、列の方を見ています。マスを指すと値が読め、クリックすると固定されます。",
  queries: "見る側 ↓",
  keys: "見られる側 →",
  cell: (query, key, weight) => `「${query}」は注意の ${weight} を「${key}」に向けています`,
  rowOf: (query) => `「${query}」がよく見ているもの`,
  exact: "Python から届いた正確な値",
  approximate: "≈ 図（256 段階）から読んだ値です。正確な値にはカーネルが必要です",
  waiting: "≈ 図（256 段階）から読んだ値です。Python に正確な値を問い合わせています",
  forbidden: "この組はマスクで禁じられています",
  rescaled: "再正規化後",
  hidden: "図では隠れています",

  ...specialJa,

  maskTitle: "疎なマスク",
  maskShown: "表示",
  maskWindow: "窓：左右それぞれのトークン数",
  maskDilation: "間隔",
  maskGlobal: "グローバル（全体を見て、全体から見られる）",
  maskCausal: "前だけを見る",
  maskOff: "マスクはありません。窓を動かすか、式を入力してください。",
  maskRemove: "外す",
  maskDegree: (low, high) =>
    low === high
      ? `各トークンが見るのは ${low} トークン`
      : `各トークンが見るのは ${low}〜${high} トークン`,
  maskPairs: (kept, all, share, decoder) =>
    `${decoder ? "デコーダが使える " : ""}${all} 組のうち ${kept} 組（${share}）`,
  maskTyped: "式で書かれたマスクです。式を直すか、外すと操作できます。",
  maskReadings: { outside: "外側", renormalised: "再正規化" },
  maskReadingHelp: {
    outside: "マスクが禁じるところに幕を掛けます。モデルは実行し直しません。",
    renormalised:
      "マスクの内側で各行の合計が 1 になるように、層ごとに再正規化します。モデルは実行し直しません。",
  },
  maskOutside: (share) => `単語の注意の ${share} がマスクの外にあります（表示中のヘッドの平均）。`,
  estimate: "≈ Python が答えるまでは、図の 256 段階から読んだ値です",

  between: {
    rerun: {
      first: "もとのまま",
      second: "変えたあと",
      about: (name) => `モデルをこの条件で実行し直しました：${name}`,
      moved: (share) => `このヘッドの注意の ${share} が別の場所に移りました`,
      movedLegend: "ヘッドの注意のうち移った割合",
      cell: (query, key, weight) => `「${query}」は注意の ${weight} を「${key}」に向けています`,
      row: (query) => `「${query}」がよく見ているもの`,
      cellChange: (query, key, before, after) =>
        `「${query}」は「${key}」に注意の ${after} を向けています（前は ${before}）`,
      rowChange: (query) => `「${query}」の注意が最も変わった先`,
      hint: "青は前より少なく、オレンジは前より多い。何も描かれていなければ差はありません。",
    },
    record: {
      first: "1 つ目",
      second: "2 つ目",
      about: (name) => `2 つ目：${clipped(name, 120)}`,
      moved: (share) => `このヘッドの注意は、2 つの間で ${share} 違います`,
      movedLegend: "2 つの間でヘッドの注意が違う割合",
      cell: (query, key, weight) => `「${query}」は注意の ${weight} を「${key}」に向けています`,
      row: (query) => `「${query}」がよく見ているもの`,
      cellChange: (query, key, before, after) =>
        `「${query}」が「${key}」に向ける注意は、1 つ目で ${before}、2 つ目で ${after}`,
      rowChange: (query) => `「${query}」の注意が最も違う先`,
      hint: "青は 2 つ目のほうが少なく、オレンジは多い。何も描かれていなければ差はありません。",
    },
    norms: {
      first: "どこを見るか",
      second: "何が届くか",
      about: () =>
        "何が届くか：各行を、キーが渡すベクトルの長さ ‖αf(x)‖ で分けたものです（Kobayashi ほか 2020）。",
      moved: (share) => `見ている先と届くものは ${share} 違います`,
      movedLegend: "見ている先と届くものの違い",
      cell: (query, key, weight) => `「${query}」に届くもののうち ${weight} は「${key}」から来ます`,
      row: (query) => `「${query}」に届くものの主な出どころ`,
      cellChange: (query, key, before, after) =>
        `「${query}」は注意の ${before} を「${key}」に向け、届くもののうち ${after} がそこから来ます`,
      rowChange: (query) => `「${query}」で、届くものが最も違うところ`,
      hint: "青は見ているわりに少ししか届かず、オレンジは多く届く。何も描かれていなければ同じです。",
    },
  },
  shownTitle: "表示するもの",
  shownDifference: "差",
  shownLone: "片方にしかないトークンは空白にしています。",
  differenceScale: "減 ← 注意 → 増",
  differenceNote: "色は差の平方根に従うので、小さな差も見分けられます。",
  legendLone: "片方にしかないトークン。その分の注意は行から抜けています",
  ofTheFirst: "この数値は、2 つのうち 1 つ目のものです。",

  effectTitle: "もしも…？",
  effectNeeds:
    "注意を変えてモデルを実行し直すには、動いているノートブックとモデルが要ります：AttentionExplorer(record, runner=ModelRunner.from_pretrained(…))。",
  knockOut: "遮断：誰も見てはいけない",
  ablate: "ヘッドをアブレーション（出力を 0 に）",
  mute: "ミュート：見られるが何も言わない",
  uniformHead: "ヘッドにすべてを均等に見せる",
  biasOn: (token) => `${token} のスコアに足す値`,
  biasBy: (by) => (by === 0 ? "0：変更なし" : `${by < 0 ? "−" : "+"}${Math.abs(by)}`),
  placed: (where) => `（対象：${where}）`,
  andAlso: "、さらに ",
  editAblate: (where) => `${where} をアブレーション`,
  editUniform: (where) => `すべてを均等に見る${where}`,
  editMute: (tokens, where) => `${tokens} をミュート${where}`,
  editBias: (tokens, by, where) =>
    `${tokens} のスコアに ${by < 0 ? "−" : "+"}${Math.abs(by)}${where}`,
  editSinkLogit: (logit, where) =>
    `何も見なくてよい（スコア ${logit < 0 ? "−" : ""}${Math.abs(logit)}）${where}`,
  editKnockOut: (tokens) => `${tokens} を遮断`,
  editPerHead: "層やヘッドごとのマスク",
  changesTitle: "変更",
  changesNone: "まだ変更はありません。上から選ぶか、疎なマスクを描いてください。",
  changeMask: "表示中の疎なマスク",
  changeRemove: (name) => `取り消す：${name}`,
  apply: "モデルに適用する",
  stop: "止める",
  effectOf: (change) => `この条件で実行し直した結果：${change}`,
  effectKept: (share) => `マスクの中には、もとの注意の ${share} が残ります（全ヘッドの平均）。`,
  vectorMoved: (cosine) => `文全体のベクトル：前とのコサイン類似度 ${cosine}（1 なら変化なし）。`,
  driftTitle: "各層の出力がどれだけ動いたか",
  driftFree: "全体：下の層の変化も受けている",
  driftForced: "その層だけの分：もとのモデルの値を入力した",
  driftScale: (most) =>
    `いちばん高い棒は、出力の大きさの ${most}（|変化| の合計 ÷ |もとの出力| の合計）。`,
  driftSaid: (layer, free, forced) => `第 ${layer} 層：全体 ${free}、その層だけの分 ${forced}`,
  movedMost: "最も動いたヘッド：",
  predictionsTitle: "モデルの予測",
  predictionAt: "位置",
  predictionKl: "KL（ナット）",
  labelsTitle: "分類の結果",
  candidatesTitle: "近い文（順位とコサイン類似度）",
  ranked: (place, cosine) => `${place} 位（${cosine}）`,

  runTitle: "自分の文で試す",
  runText: "文",
  runPair: "2 つ目の文（省略可）",
  run: "注意を見る",
  running: "モデルを実行しています…",
  noKernel: "Python から返事がありません。カーネルが計算中か、止まっています。",
};
