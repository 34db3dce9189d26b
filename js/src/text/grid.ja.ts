import type { gridEn } from "./grid.en";

/** ヘッド一覧の言葉：各ヘッドの下の数値、並べ方、絞り込み。 */
export const gridJa: typeof gridEn = {
  badgeName: "各ヘッドの下の数値",
  filter: "絞り込み：",
  under: "ヘッドの下",
  badges: {
    special: "特殊トークンへの割合",
    entropy: "注意の広がり",
    kept: "マスクに残る割合",
    class: "図の型",
    importance: "重要度",
    moved: "移った割合",
  },
  noSpecial: "この文にはありません",
  untold: "トークナイザーから知らされていません",
  noMask: "マスクが必要です",
  noImportance: "未計測",
  importanceHelp: "Python で view.importance = runner.head_importance(texts)",
  badgeOff: (name, lacks) => `${name}（${lacks}）`,
  missing: (name, lacks) => `${name}：${lacks}。`,
  measuring: "Python が測っています。カーネルが動いていないと表示できません。",

  orderName: "ヘッドの並べ方",
  orders: {
    model: "層 × ヘッド",
    high: "大きい順",
    low: "小さい順",
    group: "型ごと",
  },
  from: "下限",
  to: "上限",
  ends: (low, high) => `${low}〜${high}`,
  count: (kept, all) => (kept === all ? `全 ${all} ヘッド` : `${all} ヘッド中 ${kept}`),
  nothing: "この範囲に入るヘッドはありません。範囲を広げてください。",
  atLeast: "半分以上：",
  atLeastHelp: (what) => `注意の半分以上を ${what} に向けるヘッド`,
  all: "すべてのヘッド",
  everyRole: "特殊トークン",
  shareOn: (role) => `${role} への割合`,
  sentences: {
    special: (what, low, high) => `単語の注意の ${low}〜${high} を ${what} に向けるヘッド`,
    entropy: (low, high) => `注意の広がりが ${low}〜${high} のヘッド（100%：すべてに均等）`,
    kept: (low, high) => `注意の ${low}〜${high} がマスクに残るヘッド`,
    importance: (low, high) => `重要度が ${low}〜${high} のヘッド`,
    class: "選んだ型のヘッド",
    moved: (low, high) => `注意の ${low}〜${high} が異なるヘッド`,
  },
  sentence: (text) => `${text}：`,
  classesOnly: (name, help) => `「${name}」だけ（${help}）`,

  classes: {
    vertical: "縦縞",
    diagonal: "対角",
    "vertical+diagonal": "縦縞と対角",
    block: "ブロック",
    broad: "均等",
    heterogeneous: "混合",
  },
  classHelp: {
    vertical: "どのトークンも同じ少数のトークンを見る",
    diagonal: "それぞれ自分の近くを見る",
    "vertical+diagonal": "その両方",
    block: "2 つの文のうち、自分の文の中を見る",
    broad: "すべてをほぼ均等に見る",
    heterogeneous: "どれでもない",
  },
  classNote:
    "しきい値を公開した私たちの目安で（Python の ClassRule）、型の名の由来である Kovaleva ら（2019）の学習済み分類器ではありません。",
  caption: (name, help, count) => `${name}：${help}（${count} ヘッド）`,

  name: (layer, head) => `L${layer} H${head}`,
  flowLabel: (count, order, layer, head) =>
    `注意の重みの図。${count} ヘッド、${order}。選択中：第 ${layer} 層、ヘッド ${head}。矢印キーで移動し、Enter でそのヘッドの拡大図へ進みます。`,
  enter: "Enter でそのヘッドの拡大図へ進みます。",
  flowHelp: "L は層、H はヘッドです。どちらも Python と同じく 0 から数えます。",
  reading: {
    entropy: (value) => `注意の広がりは ${value}（100%：すべてに均等）`,
    class: (name) => `私たちの目安による型：${name}`,
    importance: (value, measure) => `重要度 ${value}${measure ? `（${measure}）` : ""}`,
  },
  outOfRange: "選んだ範囲の外",
  shared: (heads) => `ヘッド ${heads} はキーとバリューを共有`,
  beyond: (layers, { left, right, above, below }) => {
    const said = (count: number, where: string, thing: string) =>
      count > 0 ? [`${where}に ${count} ${thing}`] : [];
    const row = layers ? "層" : "段";
    return `表示範囲の外：${[
      ...said(left, "左", "ヘッド"),
      ...said(right, "右", "ヘッド"),
      ...said(above, "上", row),
      ...said(below, "下", row),
    ].join("、")}（スクロールで見られます）。`;
  },
  meanOfLayer: (layer, value) => `第 ${layer} 層、表示中のヘッドの平均：${value}`,
  meanOfHead: (head, value) => `ヘッド ${head}、表示中の層の平均：${value}`,
  means: (badge) => `${badge}の平均`,

  legendEntropy: "注意の広がり（いっぱいで、すべてに均等）",
  legendKept: "マスクに残る注意の割合",
  legendImportance: (measure, most, about) =>
    `重要度${measure ? `（${measure}）` : ""}：いっぱいで ${most}${about ? `（${about}）` : ""}`,
  legendMeans: "右と下：層ごと、ヘッドごとの平均",
  legendShared: (count) => `かぎかっこの下の ${count} ヘッドは、キーとバリューを共有`,
  legendFaded: "選んだ範囲の外",
  unhidden:
    "このテキストは長く、1 マスが複数の重みを表すため、特殊トークンを除けるのは Python だけです。まだ除かれていません（カーネルの実行が必要です）。",
  stillHidden:
    "このテキストは長く、1 マスが複数の重みを表し、特殊トークンが除かれています。元に戻せるのは Python だけです。まだ戻っていません（カーネルの実行が必要です）。",
  legendBand: (role) => `${role} の列・行`,
};
