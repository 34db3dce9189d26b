import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { holding } from "../../draw/zoom";
import { shapeOf } from "../matrix/keys";
import type { ViewState } from "../state";
import { following, matches } from "./matches";

/**
 * Find a token and pick it: its row is then read. Where two texts stand opposite each other, both
 * are searched, the one that looks first.
 */
export function Find({ state }: { state: ViewState }) {
  const w = state.words.value.habits;
  const t = state.store.traits;
  const [sought, seek] = useState("");
  const [last, remember] = useState<number | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const before = useRef<Element | null>(null);
  const open = state.finding.value;
  useLayoutEffect(() => {
    if (!open) return;
    before.current = document.activeElement;
    field.current?.focus();
    field.current?.select();
  }, [open]);
  if (!open) return null;
  const info = state.info.value;
  const { length } = info.tokens;
  const tokens = info.keyTokens ? [...info.tokens, ...info.keyTokens] : info.tokens;
  const found = matches(tokens, sought);
  const stands = last !== null && last >= length && t.key.value === last - length;
  const now = stands ? last : t.query.value;
  const close = () => {
    state.finding.value = false;
    (before.current as HTMLElement | null)?.focus?.();
  };
  const pick = (at: number | undefined) => {
    if (at === undefined) return;
    remember(at);
    const one = at < length ? { query: at } : { key: at - length };
    const zoom = holding(t.zoom.peek(), shapeOf(state), one.query ?? null, one.key ?? null);
    state.store.choose({ ...one, zoom });
  };
  const key = (event: KeyboardEvent) => {
    if (event.isComposing) return; // Enter ends a word of Japanese input
    if (event.key === "Escape") close();
    else if (event.key === "Enter")
      pick(found.length > 0 ? following(found, now, event.shiftKey ? -1 : 1) : undefined);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const at = now === null ? 0 : found.indexOf(now) + 1;
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
          pick(matches(tokens, currentTarget.value)[0]);
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
