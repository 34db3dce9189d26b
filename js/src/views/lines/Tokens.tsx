import type { TokenInfo } from "../../data/types";
import { roleKey } from "../../draw/color";
import { ROW } from "../../draw/lines";
import { clipped } from "../../text/numbers";
import { visible } from "../../text/tokens";
import { groupSwatch } from "../fills";
import { MOST_LETTERS } from "../labels";
import type { ViewState } from "../state";

export type Side = "query" | "key";

/** One side's tokens, as far as they are in sight, each a button. */
export function Tokens(props: {
  readonly state: ViewState;
  readonly side: Side;
  readonly tokens: readonly TokenInfo[];
  readonly sight: readonly [number, number];
  readonly width: number;
  /** The one that the Tab key comes to. */
  readonly stop: number;
  readonly picked: number | null;
  readonly alone: number | null;
  readonly hidden: Uint8Array | null;
  /** What is written beside some of them. */
  readonly said: ReadonlyMap<number, string>;
  readonly onPoint: (at: number | null) => void;
  /** `seen`: by keyboard, so that it shows. */
  readonly onFocus: (at: number | null, seen: boolean) => void;
  readonly onPick: (at: number) => void;
}) {
  const { state, side, tokens, sight, stop, hidden, said } = props;
  const w = state.words.value.lines;
  const left = side === "query";
  const t = state.store.traits;
  const marks = t.special_mode.value === "mark" ? t.special_roles.value : [];
  const shown = [...new Set([...range(...sight), Math.min(stop, tokens.length - 1)])];
  return (
    <>
      {shown.map((at) => {
        const { text, role, group } = tokens[at]!;
        const number = said.get(at);
        const gone = hidden?.[at] === 1;
        const marked = group !== null && marks.includes(group);
        const beside = number !== undefined && <small class="attnw-lines-number">{number}</small>;
        const band = marked && (
          <i
            class="attnw-lines-band"
            style={{ background: groupSwatch(state.theme.value, group) }}
          />
        );
        // all of it: the name that is read holds what is seen, and the style cuts it
        const word = clipped(visible(text), MOST_LETTERS);
        const name = <bdi>{gone ? <s>{word}</s> : word}</bdi>;
        const parts = left ? [beside, " ", name, band] : [band, name, " ", beside];
        // what is read begins with what is seen
        const read = number === undefined ? [word] : [word, number];
        const named = (left ? read.reverse() : read).join(" ");
        return (
          <button
            key={at}
            type="button"
            data-side={side}
            data-at={at}
            class={`${left ? "attnw-left" : "attnw-right"} ${at === props.alone ? "attnw-alone" : ""} ${gone ? "attnw-struck" : ""} ${roleKey(role) ? "attnw-special" : ""}`}
            style={{ top: `${at * ROW}px`, width: `${props.width}px` }}
            tabIndex={at === stop ? 0 : -1}
            aria-pressed={at === props.picked}
            aria-label={(left ? w.looks : w.isLooked)(named, at)}
            onPointerEnter={() => props.onPoint(at)}
            onPointerLeave={() => props.onPoint(null)}
            onFocus={({ currentTarget }) =>
              props.onFocus(at, currentTarget.matches(":focus-visible"))
            }
            onBlur={() => props.onFocus(null, false)}
            onClick={() => props.onPick(at)}
          >
            {parts}
          </button>
        );
      })}
    </>
  );
}

function range(first: number, end: number): number[] {
  return Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i);
}
