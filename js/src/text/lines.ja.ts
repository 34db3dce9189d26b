import type { LinesWords } from "./lines.en";

/** 線と本文の言葉。 */
export const linesJa: LinesWords = {
  meanOfLayer: (layer) => `第 ${layer} 層の平均`,
  compare: "比べる",
  chips: (layer) => `第 ${layer} 層のヘッド`,
  chosen: (layer, heads) => `第 ${layer} 層・ヘッド ${heads}`,
  chip: (head) => `ヘッド ${head}`,
  chipsMost: (most) => `${most} 個まで`,

  area: (queries, keys) =>
    `左の ${queries} トークンから、見られている右の ${keys} トークンへの線。上下で移動、左右で側を切り替え、Enter で選択、Esc で解除します。`,
  looking: "見る側 →",
  looked: "→ 見られる側",
  looks: (token, at) => `${token}（トークン ${at}、見る側）`,
  isLooked: (token, at) => `${token}（トークン ${at}、見られる側）`,
  hint: "左から右へ、1 本の線が 1 つの注意です。トークンを指すとその線だけが見え、クリックすると固定されます。",
  linksName: "文 A と文 B のどの線を描くか",
  links: { all: "すべて", aa: "A → A", ab: "A → B", ba: "B → A", bb: "B → B" },
  top: "各行の強い線だけ",
  topAll: "すべて",
  topSaid: (percent, count, most) => `上位 ${percent}（${most ? "最大 " : ""}${count} キーずつ）`,
  strength: (follows) => `太く濃い線ほど注意が大きい（${follows}）`,
  dashed: "破線：マスクが禁じる組",
  struck: "取り消し線：隠したトークン",
  faint: "濃さが最大の 1/16 に満たない線は描きません",
  sight: "見えているトークンの線だけを描いています",
  less: "青：減少、オレンジ：増加",
  pooled:
    "文が長いため、図からすべての線を描くことはできません。左側のトークンを指すか選ぶと、その線を描きます。",
  manyLooks: (token) => `「${token}」がよく見ているもの`,
  manyLooked: (token) => `「${token}」をよく見ているもの`,

  looksName: "注意の向き",
  looksWays: { at: "何を見ているか", by: "何から見られているか" },
  pick: {
    at: "トークンを選ぶと、それが見ている度合いでほかのトークンに色が付きます。",
    by: "トークンを選ぶと、それを見ている度合いでほかのトークンに色が付きます。",
  },
  text: "本文のトークン。矢印キーで移動、Enter で選択、Esc で解除します。",
  textLooking: "見る側の文",
  textLooked: "見られる側の文",
  by: (token) => `「${token}」をよく見ているもの`,
  byArrives: (token) => `「${token}」の情報がよく届く先`,
  byChange: (token) => `「${token}」への注意が最も変わったもの`,
  byNone: (token) => `「${token}」はどこからも見られていません。`,
  nothing: "なし",
  boxed: "枠：特殊トークン",
  shaded: "色：注意の重み（凡例と同じ）",
  position: (at) => `トークン ${at}`,
  hiddenShare: (share) => `注意の ${share} は、隠した特殊トークンに向いています`,
  tooLong:
    "文が長いため、このトークンの重みは図からは 1 つずつ読めません。Python からの返事もありません。",
  asking: "このトークンの重みを Python に問い合わせています…",
  notRescaled:
    "文が長いため、再正規化中はどのトークンから見られているかを示せません。特殊トークンを「印を付ける」にするか、マスクを「外側」で読んでください。",
  parts: "文の一部",
  earlier: "前へ",
  later: "次へ",
  part: (from, to, of) => `全 ${of} トークン中 ${from}〜${to}`,
};
