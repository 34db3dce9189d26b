import type { MatrixWords } from "./matrix.en";

/** 行列とその目盛りの言葉。 */
export const matrixJa: MatrixWords = {
  choice: "1 つのヘッドか、表示中のヘッドの平均か",
  oneHead: "このヘッド",
  meanOf: (count) => `${count} 個のヘッドの平均`,
  meanTitle: (count, first, last) =>
    `${count} 個のヘッドの平均（${first === last ? `第 ${first} 層` : `第 ${first}〜${last} 層`}）`,
  meanMasks: "マスクがヘッドごとに違うので、平均の上には描きません。",
  zoomIn: "拡大",
  zoomOut: "縮小",
  zoomAll: "全体を表示",
  keys: "プラスとマイナスで拡大・縮小、Shift と矢印で表示範囲の移動、0 で全体を表示します。",
  zoomHelp:
    "拡大・縮小：Ctrl + ホイール、または + と −。移動：ドラッグ、または Shift + 矢印。全体：ダブルクリック、または 0。",
  window: (q0, q1, k0, k1, of) => `全 ${of} トークン中、行 ${q0}〜${q1}、列 ${k0}〜${k1}`,
  everyLabel: (n) => `名前は ${n} トークンごと`,
  rowsEvery: (n) => `行の名前は ${n} トークンごと`,
  colsEvery: (n) => `列の名前は ${n} トークンごと`,
  pooled: (weights) => `色の 1 マスは、最大 ${weights} 個の重みのうちいちばん大きいもの`,
  pooledWhy: {
    far: "拡大すると 1 つずつ見えます",
    asked: "Python に 1 つずつの値を問い合わせています",
    silent: "1 つずつ見るにはカーネルの実行が必要です",
  },
  rowBars: "右：各行の注意のうち表示中の割合（端まで届くと 1）",
  rowBarsOutside: "右の薄い部分：マスクの外",
  colBars: (most) => `下：各列が受け取る注意（最長：${most}）`,
  rowNorms: "右：各行に届くもののうち表示中の割合（端まで届くとすべて）",
  colNorms: (most) => `下：各列から届くもの（行の合計、最長：${most}）`,
  noBars: "合計の棒はすべての重みが必要なため、ここにはありません",
  edge: "マスクの境界",
  parts: "A、B：1 つ目と 2 つ目の文",
  rowSum: (sum) => `行の合計 ${sum}`,
  rowDrawn: (sum) => `表示中 ${sum}`,
  scaleName: "色の決め方",
  scales: {
    sqrt: "平方根",
    linear: "そのまま",
    log: "対数",
    row: "行の最大値との比",
    head: "ヘッドの最大値との比",
  },
  scaleTitles: {
    row: "重み ÷ 行の最大値",
    head: "重み ÷ ヘッドの最大値",
  },
  scaleNotes: {
    sqrt: "色は重みの平方根に従います。小さい重みも見分けられます。",
    linear: "色は重みそのものに従います。重みが 2 倍なら、目盛りでも 2 倍の位置です。",
    log: "色は重みの対数に従います。0.0001 より小さい重みは色がつきません。",
    row: "目盛りは行ごとで、行の最大値までです。行どうしの比較はできません。平方根に従います。",
    head: "目盛りはヘッドごとで、ヘッドの最大値までです。ヘッドどうしの比較はできません。平方根に従います。",
  },
  colorsName: "配色",
};
