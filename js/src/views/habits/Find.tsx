import { useEffect, useRef, useState } from "preact/hooks";
import { holding } from "../../draw/zoom";
import { shapeOf } from "../matrix/keys";
import type { ViewState } from "../state";
import { following, matches } from "./matches";

/** Find a token and pick it: its row is then read. */
export function Find({ state }: { state: ViewState }) {
  const w = state.words.value.habits;
  const t = state.store.traits;
  const [sought, seek] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const before = useRef<Element | null>(null);
  const open = state.finding.value;
  useEffect(() => {
    if (!open) return;
    before.current = document.activeElement;
    field.current?.focus();
  }, [open]);
  if (!open) return null;
  const found = matches(state.info.value.tokens, sought);
  const close = () => {
    state.finding.value = false;
    (before.current as HTMLElement | null)?.focus?.();
  };
  const pick = (query: number | undefined) => {
    if (query === undefined) return;
    const zoom = holding(t.zoom.peek(), shapeOf(state), query, null);
    state.store.choose({ query, zoom });
  };
  const key = (event: KeyboardEvent) => {
    if (event.isComposing) return; // Enter ends a word of Japanese input
    if (event.key === "Escape") close();
    else if (event.key === "Enter")
      pick(
        found.length > 0 ? following(found, t.query.peek(), event.shiftKey ? -1 : 1) : undefined,
      );
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const at = t.query.value === null ? 0 : found.indexOf(t.query.value) + 1;
  return (
    <search class="attnw-find">
      <input
        ref={field}
        type="search"
        aria-label={w.find}
        placeholder={w.find}
        title={w.findHelp}
        value={sought}
        onInput={({ currentTarget }) => {
          seek(currentTarget.value);
          pick(matches(state.info.peek().tokens, currentTarget.value)[0]);
        }}
        onKeyDown={key}
      />
      <span class="attnw-quiet attnw-small" aria-live="polite">
        {sought.trim() && w.found(at, found.length)}
      </span>
      <button type="button" class="attnw-plain" aria-label={w.closeFind} onClick={close}>
        ×
      </button>
    </search>
  );
}
