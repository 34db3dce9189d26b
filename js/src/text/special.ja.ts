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
    mark: "色の帯がその行と列を示し、各ヘッドの下の棒がその割合を示します。",
    hide: "その行と列を空白にします。残りの色はそのままです。",
    hide_renormalise: "その行と列を空白にし、各行の残りを合計 1 になるように再正規化します。",
  },
  markedOnly: "色の帯がその行と列を示します。",
  specialGroups: "特殊として数えるもの",
  specialFirst: (role) => `${role}（先頭の位置）`,
  specialBoth: "や",
  specialNone: (groups) =>
    `この文には特殊トークンがありません。代わりに、${groups}を数えることができます。`,
  specialUntold: (groups) =>
    `どのトークンが特殊かは、トークナイザーから知らされていません。Python で tokenizer=…（または roles=…）を渡してください。それまでは、${groups}を数えることができます。`,
  specialNothing: "この文には、特殊として数えられるものがありません。",
  specialUnchosen: "いまは何も特殊として数えていません。",
  specialSummary: (share, parts, uniform) =>
    `表示中のヘッドでは、単語の注意の ${share} が特殊トークンに向いています（${parts}）。均等に見れば ${uniform} です。`,
  comma: "、",
  normsScale: "届くものの割合",
  normsReading: (share, uniform) =>
    `単語に届くものの ${share} が特殊トークンから来ています（均等なら ${uniform}）`,
  normsSummary: (share, parts, uniform) =>
    `表示中のヘッドでは、単語に届くものの ${share} が特殊トークンから来ています（${parts}）。均等なら ${uniform} です。`,
  normsHidden: (share) => `いま隠れている分：単語に届くものの ${share}（表示中のヘッドの平均）。`,
  normsShare: (role) => `${role} から届くものの割合`,
  normsMark: (role) => `${role} の列・行と、そこから届くものの割合`,
  noWords: "この文には単語がないため、割合は特殊トークンの平均です。",
  hiddenSummary: (share) => `いま隠れている分：単語の注意の ${share}（表示中のヘッドの平均）。`,

  directionName: "見る向き",
  directionTo: "どのトークンが見ているか",
  directionFrom: (role) => `${role} が見ているもの`,
  rowSummary: (role, itself, special, rest, named) =>
    `表示中のヘッドでは、${role} は自分の注意の ${itself} を自分自身に、${special} を他の特殊トークンに、${rest} を${named}に向けています。見られていることは、読んでいることではありません。`,
  normsRow: (role, itself, special, rest, named) =>
    `表示中のヘッドでは、${role} に届くもののうち ${itself} は自分自身から、${special} は他の特殊トークンから、${rest} は${named}から来ています。`,
  rowFirst: "デコーダでは、先頭のトークンが見られるのは自分自身だけです。",
  partItself: (role) => `${role} 自身`,
  partSpecial: "他の特殊トークン",
  partWords: "単語",
  partRest: "それ以外",

  profileTitle: "層ごと（表示中のヘッドの平均）",
  profileSaid: (layer, parts) => `第 ${layer} 層：${parts}`,
  profileEven: (share) => `すべてを均等に見た場合：${share}`,
  profileLeft: (name) => `左：${name}`,
  profileRight: (name) => `右（淡い色）：${name}`,
  normsFirst: "重み α（どこを見ているか）",
  normsSecond: "ノルム ‖αf(x)‖（何が届くか）",
  headMapTitle: (measure) => `ヘッドごと：${measure}（色が強いほど大きい）`,
  headLooks: "単語の注意のうち特殊トークンに向かう割合",
  headNorms: "単語に届くもののうち特殊トークンから来る割合",
  headRow: (role) => `${role} の注意のうち自分自身と特殊トークンに向かう割合`,
  headRowNorms: (role) => `${role} に届くもののうち自分自身と特殊トークンから来る割合`,
  headMapLabel: (layers, heads, layer, head, share) =>
    `${layers} 層 × ${heads} ヘッドの割合。選択中：第 ${layer} 層・ヘッド ${head}、${share}。矢印キーで移動します。`,
  headMapSaid: (layer, head, share) => `第 ${layer} 層・ヘッド ${head}：${share}`,

  weigh: "そこから何が届くかを測る",
  weighing: "測っています…",
  weighAside:
    "図は、変更した実行の代わりに、届くものを示すようになります。結果の数値は「もしも…？」に残り、もう一度適用すれば図も戻ります。",
  effectAside: "図はいま、届くものを示しています。もう一度適用すると、この変更を図で見られます。",
  changesNoneYet: "まだ変更はありません。上から選んでください。",
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

  cardTitle: "教科書の見方と、その根拠",
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
