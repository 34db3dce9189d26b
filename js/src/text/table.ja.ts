import type { TableWords } from "./table.en";

export const tableJa: TableWords = {
  pairs: (seen, most) =>
    `${seen}：${most ? `重みの大きい ${most} 組` : "重みが 0 でないすべての組"}`,
  row: (seen, token) => `${seen}：「${token}」が見る先`,
  query: "見る側",
  key: "見る先",
  weight: "重み",
  mask: "マスク",
  outside: "外",
  picture: "図では",
  hidden: "非表示",
  unlisted: "隠したトークンの組は載せていません。",
  before: "前へ",
  after: "次へ",
  page: (from, to, of) => `${of} 行中 ${from}–${to}`,
  copy: "表をコピー",
  copied: "コピーしました",
  copyFailed: (why) => `表をコピーできませんでした：${why}。`,
  hint: "行列でトークンを選ぶか、/ で探すと、その行を表にします。",
  pooled:
    "このテキストは長く、絵からはすべての組を並べられません。行列でトークンを選ぶか、/ で探すと、その行を表にします。",
};
