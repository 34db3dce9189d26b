import { useEffect, useState } from "preact/hooks";
import type { CommonWords } from "../text/common";
import { useOwnId } from "./ids";

/** A mask to type; a wrong one says why and changes nothing. */
export function MaskText(props: {
  readonly shown: string;
  readonly words: CommonWords;
  /** Take the text, or throw an error that says what is wrong with it. */
  readonly onCommit: (text: string) => void;
}) {
  const { shown, words: w, onCommit } = props;
  const id = useOwnId();
  const [text, setText] = useState(shown);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    setText(shown);
    setProblem(null);
  }, [shown]);
  const commit = (typed: string) => {
    if (typed.trim() === shown) {
      setProblem(null);
      return;
    }
    try {
      onCommit(typed.trim());
      setProblem(null);
    } catch (error) {
      setProblem(String((error as Error).message));
    }
  };
  return (
    <div class="attnw-row">
      <label for={id}>{w.maskText}</label>
      <input
        id={id}
        class="attnw-code"
        type="text"
        spellcheck={false}
        autocomplete="off"
        placeholder={w.maskTextHelp}
        data-testid="attnw-mask-text"
        value={text}
        aria-invalid={problem !== null}
        onInput={(event) => setText(event.currentTarget.value)}
        onBlur={(event) => commit(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Enter" && commit(event.currentTarget.value)}
      />
      {problem && (
        <p class="attnw-problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}
