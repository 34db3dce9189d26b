import { useEffect, useRef, useState } from "preact/hooks";
import type { TokenInfo } from "../../data/types";
import { groupColor, roleKey } from "../../draw/color";
import { gaps, partOf } from "../../draw/flow";
import { direction, visible } from "../../text/tokens";
import type { ViewState } from "../state";

/** How a token is shaded, and what is said of it. */
export interface Shade {
  readonly paper: string | null;
  readonly ink: string | null;
  readonly said: string;
}

/** A text as it is read, each token a button. */
export function Flow(props: {
  readonly state: ViewState;
  readonly tokens: readonly TokenInfo[];
  readonly name: string;
  readonly picked: number | null;
  readonly shade: ((at: number) => Shade) | null;
  readonly hidden: Uint8Array | null;
  readonly onPick: (at: number | null) => void;
}) {
  const { state, tokens, name, picked, shade, hidden, onPick } = props;
  const w = state.words.value.lines;
  const box = useRef<HTMLDivElement>(null);
  const [rover, rove] = useState(picked ?? 0);
  const wanted = useRef(false);
  useEffect(() => {
    if (picked !== null) rove(picked);
  }, [picked]);
  const stop = Math.min(rover, tokens.length - 1);
  const [first, end] = partOf(stop, tokens.length);
  // Keys come faster than pictures: each goes on from where the one before it has led.
  const place = useRef(stop);
  if (!wanted.current) place.current = stop;
  useEffect(() => {
    if (!wanted.current || stop !== place.current) return;
    wanted.current = false;
    button(box.current, stop)?.focus();
  }, [stop]);
  const apart = gaps(tokens);
  const way = direction(tokens.filter(({ role }) => !roleKey(role)).map(({ text }) => text));
  const go = (to: number) => {
    const next = Math.max(0, Math.min(tokens.length - 1, to));
    if (next === place.current) return;
    wanted.current = true;
    place.current = next;
    rove(next);
  };
  const key = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const onward = way === "rtl" ? "ArrowLeft" : "ArrowRight";
    if (event.key === "ArrowLeft" || event.key === "ArrowRight")
      go(place.current + (event.key === onward ? 1 : -1));
    else if (event.key === "ArrowUp" || event.key === "ArrowDown")
      go(nearest(box.current, place.current, event.key === "ArrowDown"));
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(tokens.length - 1);
    else if (event.key === "Escape") onPick(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for the fields of a form */}
      <div ref={box} role="group" aria-label={name} class="attnw-flow" dir={way} onKeyDown={key}>
        {tokens.slice(first, end).map((token, i) => {
          const at = first + i;
          const special = roleKey(token.role) !== null;
          const shown = hidden?.[at] ? null : (shade?.(at) ?? null);
          const text = visible(token.text);
          const said = shown ? `${text}, ${shown.said}` : text;
          return (
            <button
              key={at}
              type="button"
              dir="auto"
              data-at={at}
              tabIndex={at === stop ? 0 : -1}
              aria-pressed={at === picked}
              aria-label={said}
              title={shown?.said}
              class={`${apart[at + 1] ? "attnw-ends" : ""} ${special ? "attnw-boxed" : ""} ${hidden?.[at] ? "attnw-struck" : ""}`}
              style={{
                background: shown?.paper ?? undefined,
                color: shown?.ink ?? undefined,
                ...(special
                  ? { boxShadow: `inset 0 0 0 1.5px ${groupColor(state.theme.value, token.role)}` }
                  : {}),
              }}
              onClick={() => {
                rove(at);
                onPick(at === picked ? null : at);
              }}
            >
              {text}
            </button>
          );
        })}
      </div>
      {end - first < tokens.length && (
        <nav class="attnw-line" aria-label={w.parts}>
          <button
            type="button"
            aria-disabled={first === 0}
            onClick={() => first > 0 && rove(first - 1)}
          >
            {w.earlier}
          </button>
          <span>{w.part(first, end - 1, tokens.length)}</span>
          <button
            type="button"
            aria-disabled={end === tokens.length}
            onClick={() => end < tokens.length && rove(end)}
          >
            {w.later}
          </button>
        </nav>
      )}
    </>
  );
}

function button(box: HTMLElement | null, at: number): HTMLElement | null {
  return box?.querySelector(`[data-at="${at}"]`) ?? null;
}

/** The token in the next line, or the one before, that stands nearest below or above another. */
function nearest(box: HTMLElement | null, from: number, down: boolean): number {
  const own = button(box, from)?.getBoundingClientRect();
  if (!box || !own) return from;
  let best = { at: from, line: Number.POSITIVE_INFINITY, off: Number.POSITIVE_INFINITY };
  for (const one of box.querySelectorAll<HTMLElement>("[data-at]")) {
    const place = one.getBoundingClientRect();
    const line = Math.round(down ? place.top - own.top : own.top - place.top);
    if (line < own.height / 2) continue;
    const off = Math.abs((place.left + place.right) / 2 - (own.left + own.right) / 2);
    if (line < best.line || (line === best.line && off < best.off))
      best = { at: Number(one.dataset.at), line, off };
  }
  return best.at;
}
