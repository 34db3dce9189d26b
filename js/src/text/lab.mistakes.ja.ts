/** 英語の誤りの文と、それが何を言うかを述べる日本語の文。番号は括弧で囲んだ部分を指す。 */
const MISTAKES: readonly (readonly [RegExp, string])[] = [
  [/no pattern is called (\S+);/, "「$1」というマスクはありません。"],
  [/(\S+): too many positional arguments/, "$1 に渡す値が多すぎます。"],
  [/(\S+): has no argument (\S+?),? at/, "$1 に引数 $2 はありません。"],
  [/(\w+) is given twice/, "引数 $1 が 2 回書かれています。"],
  [/missing ([\w, ]+?),? at/, "引数が足りません：$1"],
  [/expected (\)|\(|, or \)|, or \}|\| & - or the end)/, "ここには $1 が必要です。"],
  [/expected a pattern/, "ここには local(2) のようなマスクが必要です。"],
  [/expected = after/, "引数の名前の後には = が必要です。トークンは引用符で囲みます。"],
  [/expected name=value/, "名前付きの引数の後は、名前=値 の形で書きます。"],
  [/expected a number or a quoted/, "ここには数か、引用符で囲んだ 'cls' などが必要です。"],
  [/expected a (?:layer|head)'s number/, "ここには番号（複数なら (0, 3)）とコロンが必要です。"],
  [/expected default=/, "ここには default=… か ) が必要です。"],
  [/expected (?:per_|per_layer)/, "per_layer({…}) か per_head({…}) の形で書きます。"],
  [/this does not belong/, "ここにマスクの式では使えない文字があります。"],
  [/the text has (\d+) characters, at most (\d+)/, "式が長すぎます（$1 文字、$2 文字まで）。"],
  [/more than (\d+) \( and ~/, "括弧や ~ の入れ子が深すぎます（$1 まで）。"],
  [/nothing may follow/, "割り当ての後ろに余分な文字があります。"],
  [/(layer|head) (\d+) is given two masks/, "$1 $2 にマスクが 2 つ割り当てられています。"],
  [/a head is given a mask/, "ヘッドに割り当てられるのはマスクです。"],
  [/give a window as/, "窓は local(w) か local(left=…, right=…) の形で書きます。"],
  [/give a random mask as/, "ランダムは random(p=…) か random(r=…) の形で書きます。"],
  [/must be a whole number, not (.+?)(?:, at|$)/, "整数が必要ですが、$1 が渡されました。"],
  [/must be a finite number, not (.+?)(?:, at|$)/, "有限の数が必要ですが、$1 が渡されました。"],
  [
    /between (\S+) and (\S+), not ([^\s,]+)/,
    "$1 から $2 までの値が必要ですが、$3 が渡されました。",
  ],
  [/must be True or False/, "True か False が必要です。"],
  [/number of buckets must be even.*not (\d+)/, "バケット数は偶数にします（いまは $1）。"],
  [/causal=True belongs/, "causal=True は share_qk=True のときだけ使えます。"],
  [/no token is called (.+?);/, "$1 という名前のトークンはありません。"],
  [/name at least one token/, "トークンを 1 つ以上指定してください。"],
  [/name a query and a key block/, "ブロックは、見る側と見られる側を組にして指定します。"],
  [/numbers are listed, not (\d+)/, "並べる数の個数が範囲外です（$1 個）。"],
  [/a mask (?:has at most|names fewer)/, "マスクが大きすぎます。"],
  [
    /(token|block) (-?\d+) is outside this text of (\d+)/,
    "番号 $2 はこのテキスト（$3 個）の外です。",
  ],
  [/no token of this text is '(\w+)'/, "このテキストに $1 の役割を持つトークンはありません。"],
  [/names '(\w+)', but/, "トークンの役割がわからないため、$1 がどれか決まりません。"],
  [
    /documents have (\d+) tokens together, the text (\d+)/,
    "文書の合計は $1 トークン、テキストは $2 トークンです。",
  ],
  [/asks for segments/, "このテキストのトークンには文の区別がありません。"],
  [
    /follows the data of a head|: ask Python/,
    "このマスクはヘッドのデータに従います。記録が必要です。",
  ],
  [/expected (\d+) to (\d+) tokens/, "トークン数は $1 から $2 までです。"],
];

/** 誤りを日本語で述べ、正確な英文を添える。 */
export function mistakeJa(message: string): string {
  const [pattern, lead] = MISTAKES.find(([one]) => one.test(message)) ?? [
    /^/,
    "この操作はできません。",
  ];
  const said = pattern.exec(message)?.[0] === "" ? lead : filled(lead, pattern.exec(message)!);
  const at = /, at character (\d+):/.exec(message)?.[1];
  return `${said}${at ? `（${Number(at) + 1} 文字目）` : ""}\n${message}`;
}

function filled(lead: string, found: RegExpExecArray): string {
  return lead.replace(/\$(\d)/g, (_, number) => found[Number(number)] ?? "");
}
