import type { TokenInfo } from "../../data/types";
import { clipped } from "../../text/numbers";
import { isolated, visible } from "../../text/tokens";

/** A token that can be changed for the one before it or after it. */
export function Stepper(props: {
  readonly name: string;
  readonly tokens: readonly TokenInfo[];
  readonly at: number;
  readonly before: string;
  readonly after: string;
  readonly onChoose: (at: number) => void;
}) {
  const { name, tokens, at, onChoose } = props;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for the fields of a form
    <span class="attnw-stepper" role="group" aria-label={name}>
      <button
        type="button"
        title={props.before}
        aria-label={`${name}: ${props.before}`}
        aria-disabled={at <= 0}
        onClick={() => at > 0 && onChoose(at - 1)}
      >
        ‹
      </button>
      <b>
        <bdi>{isolated(clipped(visible(tokens[at]!.text), 24))}</bdi>
      </b>
      <span class="attnw-quiet attnw-small">{at}</span>
      <button
        type="button"
        title={props.after}
        aria-label={`${name}: ${props.after}`}
        aria-disabled={at >= tokens.length - 1}
        onClick={() => at < tokens.length - 1 && onChoose(at + 1)}
      >
        ›
      </button>
    </span>
  );
}
