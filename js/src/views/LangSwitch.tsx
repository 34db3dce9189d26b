import type { CommonWords } from "../text/common";

/** English or Japanese, each named in itself. */
export function LangSwitch(props: {
  readonly lang: "en" | "ja";
  readonly words: CommonWords;
  readonly onChoose: (lang: "en" | "ja") => void;
}) {
  const { lang, words, onChoose } = props;
  return (
    <fieldset class="attnw-langs">
      <legend class="attnw-hush">{words.language}</legend>
      <button type="button" lang="en" aria-pressed={lang === "en"} onClick={() => onChoose("en")}>
        English
      </button>
      <button type="button" lang="ja" aria-pressed={lang === "ja"} onClick={() => onChoose("ja")}>
        日本語
      </button>
    </fieldset>
  );
}
