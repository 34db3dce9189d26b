import type { PatchesWords } from "./patches.en";

/** 画像のパッチについての言葉。 */
export const patchesJa: PatchesWords = {
  name: (row, column) => `パッチ（行 ${row}、列 ${column}）`,
  picture: (rows, columns) =>
    `画像（${rows} × ${columns} パッチ）。矢印キーで移動、Enter で選択、Esc で解除します。`,
  before: "画像の一部ではないトークン",
  pick: {
    at: "パッチを選ぶと、それが見ている度合いでほかのパッチに色が付きます。",
    by: "パッチを選ぶと、それを見ている度合いでほかのパッチに色が付きます。",
  },
  pickToo: {
    at: "パッチか、画像の上のトークンを選ぶと、それが見ている度合いでパッチに色が付きます。",
    by: "パッチか、画像の上のトークンを選ぶと、それを見ている度合いでパッチに色が付きます。",
  },
  point: "パッチを指すと、その値が読めます。",
  legend: "注意の色（灰色にした画像の暗い部分と明るい部分に重ねたもの）",
  less: "小",
  more: "大",
  ofFirst: "画像は 1 つ目の記録のものです。",
  axes: "行列の横と上：各パッチの画像",
  someAxes: "行列の横と上：一部のパッチの画像",
};
