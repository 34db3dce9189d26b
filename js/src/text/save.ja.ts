import type { SaveWords } from "./save.en";

/** 保存の言葉。 */
export const saveJa: SaveWords = {
  menu: "保存",
  png: "画像（PNG）",
  svg: "図（SVG）",
  page: "ページ（HTML）",
  says: {
    png: "表示中の図をピクセルで",
    svg: "表示中の図を、文字は文字のまま。論文やスライドに",
    page: "どこでも開ける 1 つのファイル。Python なしで動く操作がすべて使えます",
  },
  working: "保存中…",
  silent: "このページは Python が書き出しますが、応答がありません。カーネルの実行が必要です。",
  failed: (why) => `保存できませんでした：${why}`,
  from: "出どころ",
  text: "文",
  mask: "重ねたマスク",
  readings: {
    outside: "再実行なし",
    renormalised: "マスクの中で行を再正規化。再実行なし",
  },
  edits: "選んだ変更",
  second: "2 つ目の記録",
  note: "注",
};
