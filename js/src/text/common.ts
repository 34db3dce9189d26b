/** What every widget says. */
export const common = {
  en: {
    language: "Language",
    dismiss: "Close this message",
    range: (least: number, most: number) =>
      `a whole number from ${least} to ${most.toLocaleString("en")}`,
    maskText: "as text",
    maskTextHelp: "For example: local(2) | global_('cls')",
    maskByPython:
      "This mask follows the head or its data: Python works it out, so it needs a running kernel.",
  },
  ja: {
    language: "言語",
    dismiss: "このメッセージを閉じる",
    range: (least: number, most: number) => `${least} から ${most.toLocaleString("ja")} までの整数`,
    maskText: "式",
    maskTextHelp: "例：local(2) | global_('cls')",
    maskByPython:
      "このマスクはヘッドやそのデータに従うため、Python が計算します。カーネルが必要です。",
  },
};

export type CommonWords = typeof common.en;
