import type { SpecialWords } from "./special.en";

/** 特殊トークンのパネルの言葉。`special.en.ts` と同じことを言う。 */
export const specialJa: SpecialWords = {
  specialTitle: "特殊トークン",
  specialModes: {
    off: "そのまま",
    mark: "印を付ける",
    hide: "隠す",
    hide_renormalise: "隠して再正規化",
  },
  specialModeHelp: {
    off: "印を付けません。",
    mark: "色の帯がその行と列を示し、各ヘッドの下の棒が注意の割合を示します。",
    hide: "その行と列を空白にします。残りの色はそのままです。",
    hide_renormalise: "その行と列を空白にし、各行の残りを合計 1 になるように再正規化します。",
  },
  markedOnly: "色の帯がその行と列を示します。",
  specialGroups: "特殊として数えるもの",
  specialFirst: (role) => `${role}（先頭の位置）`,
  specialNone:
    "この文には特殊トークンがありません。代わりに、先頭の位置や句読点を数えることができます。",
  specialNothing: "この文には、特殊として数えられるものがありません。",
  specialUnchosen: "いまは何も特殊として数えていません。",
  specialSummary: (share, parts, uniform) =>
    `表示中のヘッドでは、単語の注意の ${share} が特殊トークンに向いています（${parts}）。均等に見れば ${uniform} です。`,
  normsScale: "届くものの割合",
  normsReading: (share, uniform) =>
    `単語に届くものの ${share} が特殊トークンから来ています（均等なら ${uniform}）`,
  normsSummary: (share, parts, uniform) =>
    `表示中のヘッドでは、単語に届くものの ${share} が特殊トークンから来ています（${parts}）。均等なら ${uniform} です。`,
  noWords: "この文には単語がないため、割合は特殊トークンの平均です。",
  hiddenSummary: (share) => `いま隠れている分：単語の注意の ${share}（表示中のヘッドの平均）。`,

  directionName: "見る向き",
  directionTo: "それらを見ているのは誰か",
  directionFrom: (role) => `${role} が見ているもの`,
  rowSummary: (role, itself, special, words) =>
    `表示中のヘッドでは、${role} は自分の注意の ${itself} を自分自身に、${special} を他の特殊トークンに、${words} を単語に向けています。見られていることは、読んでいることではありません。`,
  rowFirst: "デコーダでは、先頭のトークンが見られるのは自分自身だけです。",
  partItself: (role) => `${role} 自身`,
  partSpecial: "他の特殊トークン",
  partWords: "単語",

  profileTitle: "層ごと（表示中のヘッドの平均）",
  profileSaid: (layer, parts) => `第 ${layer} 層：${parts}`,
  profileEven: (share) => `すべてを均等に見た場合：${share}`,
  profileLeft: (name) => `左：${name}`,
  profileRight: (name) => `右（淡い色）：${name}`,
  normsFirst: "重み α（どこを見ているか）",
  normsSecond: "ノルム ‖αf(x)‖（何が届くか）",
  headMapTitle: "ヘッドごと（色が強いほど大きい）",
  headMapLabel: (layers, heads, layer, head, share) =>
    `${layers} 層 × ${heads} ヘッドの割合。選択中：第 ${layer} 層・ヘッド ${head}、${share}。矢印キーで移動します。`,
  headMapSaid: (layer, head, share) => `第 ${layer} 層・ヘッド ${head}：${share}`,

  weigh: "そこから何が届くかを測る",
  weighing: "測っています…",
  weighNeeds:
    "そこから何がどれだけ届くかは別の問いで、モデルが必要です。runner=ModelRunner.from_pretrained(…) を渡してください。",
  twiceTitle: "線は太いのに、届くものは細い？",
  twiceHelp:
    "このヘッドの 1 行を、同じ描き方で 2 度描いています。線の太さは、その行で各キーが占める割合です。",
  onceTitle: "1 行を見る",
  onceHelp: "このヘッドの 1 行です。線の太さは、その行で各キーが占める割合です。",
  twiceRow: "行",
  twiceOthers: (count) => `他 ${count} 個`,
  twiceSaid: (name, query, parts) => `${name}、「${query}」：${parts}`,

  toWhatIf: "ミュート・遮断・スコアの変更を試す：「もしも…？」",

  cardTitle: "教科書の読み方と、その根拠",
  cardAsking: "この文のすべてのヘッドを調べています…",
  cardNeedsPython: "診断にはカーネルが必要です。このページには保存されていません。",
  cardAbsent: (reason) => `この文は診断できません：${reason}`,
  cardStates: {
    found: "ここで見られる",
    "not found": "ここでは見られない",
    "cannot judge": "ここでは判定できない",
  },
  cardStory: "教科書の説明：層をたどって",
  cardEvidence: "並べて見る根拠",
  cardHint: "「詰まり」の規則：見逃し率が分かっている、ただの手がかり",
  cardCannot: "ここから結論できないこと",
  showMe: "図で見る：",
  showNearest: "いちばん近いものを見る：",
};
