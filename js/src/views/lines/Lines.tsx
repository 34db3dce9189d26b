import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { keyTokens } from "../../data/decode";
import { inSight, ROW, reach } from "../../draw/lines";
import { percent, signed, weight } from "../../text/numbers";
import { brush, counted, useFrame } from "../canvas";
import type { FocusProps } from "../Focus";
import { widest } from "../labels";
import { Reading } from "../Reading";
import { comparedTitle } from "../seen";
import { Says } from "../textual/Says";
import { aloneOf, type End, useAlone } from "./alone";
import { Notes } from "./Notes";
import { FADED, paintAll, paintAlone, paintTexts } from "./paint";
import { Several } from "./Several";
import { scene } from "./scene";
import { type Side, Tokens } from "./Tokens";
import { Tools } from "./Tools";

/** A longer text is scrolled through. */
const TALLEST = 23 * ROW;
/** Beside a label: its edges, a band, and a number. */
const BESIDE = 58;
const PAGE = 10;

/** Tokens on the left joined to those they look at on the right. */
export function Lines(props: FocusProps) {
  const { state, rows, width } = props;
  const t = state.store.traits;
  const words = state.words.value;
  const w = words.lines;
  const info = state.info.value;
  const keys = keyTokens(info);
  const tokens = { query: info.tokens, key: keys };
  const full = Math.max(info.tokens.length, keys.length) * ROW;
  const tall = Math.min(full, TALLEST);
  const box = useRef<HTMLDivElement>(null);
  const [top, scrolled] = useState(0);
  const [stops, stop] = useState({ query: 0, key: 0 });
  const moved = useRef<Side | null>(null);
  const places = useRef(stops);
  if (!moved.current) places.current = stops;
  const pointed = useSignal<End | null>(null);
  const focused = useSignal<End | null>(null);
  const drawn = useComputed(() => scene(state)).value;
  const labels = useComputed(() => {
    const { tokens, keyTokens } = state.info.value;
    return Math.ceil(widest([...tokens, ...(keyTokens ?? [])])) + BESIDE;
  }).value;

  const near = pointed.value ?? focused.value;
  const who = aloneOf(state, near);
  const { alone, targets, values, exact } = useAlone(props, drawn, who, near === null);
  useEffect(() => {
    state.hoverCell.value =
      near && who?.side === "query" ? { query: who.at, key: who.other } : null;
  }, [near, who?.side, who?.at, who?.other]);
  useEffect(
    () => () => {
      state.hoverCell.value = null;
    },
    [state],
  );
  const show = (at: number) => {
    if (box.current) box.current.scrollTop = reach(at, box.current.scrollTop, tall);
  };
  const [query, key] = [t.query.value, t.key.value];
  useEffect(() => {
    const at = query ?? key;
    if (at !== null) show(at);
    stop((now) => ({ query: query ?? now.query, key: key ?? now.key }));
  }, [query, key, info]);
  useEffect(() => {
    const side = moved.current;
    if (!side || stops !== places.current) return;
    moved.current = null;
    show(stops[side]);
    box.current
      ?.querySelector<HTMLElement>(`[data-side=${side}][data-at="${stops[side]}"]`)
      ?.focus({ preventScroll: true });
  }, [stops]);

  const room = { left: labels, right: width - labels, width, top, height: tall };
  const base = useRef(document.createElement("canvas"));
  const drawnBase = useRef<readonly unknown[]>([]);
  const still = [drawn, top, width, tall, labels, state.theme.value, info];
  const canvas = useFrame(
    (element) => {
      const made = brush(element, width, tall);
      if (!made) return;
      const { ctx, ratio } = made;
      const now = [...still, ratio];
      if (now.some((part, i) => part !== drawnBase.current[i])) {
        base.current.width = ctx.canvas.width;
        base.current.height = ctx.canvas.height;
        const below = base.current.getContext("2d");
        below?.setTransform(ratio, 0, 0, ratio, 0, 0);
        if (below) paintAll(below, state, room, drawn);
        drawnBase.current = now;
      }
      ctx.setTransform(1, 0, 0, 1, 0, 0);
      ctx.globalAlpha = alone ? FADED : 1;
      ctx.drawImage(base.current, 0, 0);
      ctx.globalAlpha = 1;
      ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
      paintTexts(ctx, state, room);
      if (alone) paintAlone(ctx, state, room, drawn, alone);
      counted(element);
    },
    [...still, who?.side, who?.at, who?.other, ...values],
  );

  // Keys come faster than pictures: each goes on from where the one before it has led.
  const move = (side: Side, to: (now: typeof stops) => number) => {
    const now = places.current;
    moved.current = side;
    places.current = {
      ...now,
      [side]: Math.max(0, Math.min(tokens[side].length - 1, to(now))),
    };
    stop(places.current);
  };
  const pressed = (event: KeyboardEvent) => {
    const { side } = (event.target as HTMLElement).dataset as { side?: Side };
    if (!side || event.ctrlKey || event.metaKey || event.altKey) return;
    const by = (step: number) => () => move(side, (now) => now[side] + step);
    const to: Record<string, () => void> = {
      ArrowUp: by(-1),
      ArrowDown: by(1),
      PageUp: by(-PAGE),
      PageDown: by(PAGE),
      Home: by(-tokens[side].length),
      End: by(tokens[side].length),
      ArrowLeft: () => move("query", (now) => now[side]),
      ArrowRight: () => move("key", (now) => now[side]),
      Escape: () => state.store.choose({ query: null, key: null }),
    };
    const act = to[event.key];
    if (!act) return;
    act();
    event.preventDefault();
    event.stopPropagation();
  };

  const several = drawn.length > 1;
  const number = state.second.shown.value === "difference" ? signed : weight;
  const sayBeside = (value: number) => `${targets.exact ? "" : "≈ "}${number(value)}`;
  const over = state.overlay(info.tokens.length, keys.length);
  const said = new Map(
    several || !alone || !targets.values
      ? []
      : targets.named.map((at) => [at, sayBeside(targets.values![at]!)] as const),
  );
  const column = (side: Side) => (
    <Tokens
      state={state}
      side={side}
      tokens={tokens[side]}
      sight={inSight(top, tall, tokens[side].length)}
      width={labels}
      stop={Math.min(stops[side], tokens[side].length - 1)}
      picked={side === "query" ? query : key}
      alone={who?.side === side ? who.at : (who?.other ?? null)}
      hidden={(side === "query" ? over.hiddenRows : over.hiddenCols) ?? null}
      said={who && who.side !== side ? said : new Map()}
      onPoint={(at) => {
        pointed.value = at === null ? null : { side, at };
      }}
      onFocus={(at, seen) => {
        focused.value = at === null || !seen ? null : { side, at };
        if (at !== null && at !== stops[side]) stop((now) => ({ ...now, [side]: at }));
      }}
      onPick={(at) => {
        const now = side === "query" ? t.query.peek() : t.key.peek();
        state.store.choose({ [side]: at === now ? null : at });
      }}
    />
  );
  return (
    <>
      <Tools state={state} />
      <div class="attnw-lines-heads" aria-hidden="true">
        <span>{w.looking}</span>
        <span>{w.looked}</span>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for the fields of a form */}
      <div
        ref={box}
        role="group"
        aria-label={words.views.lines}
        class="attnw-lines"
        data-testid="attnw-lines"
        dir="ltr"
        style={{ height: `${tall}px`, width: `${width}px` }}
        onScroll={({ currentTarget }) => scrolled(currentTarget.scrollTop)}
        onKeyDown={pressed}
      >
        <div class="attnw-lines-all" style={{ height: `${full}px` }}>
          <canvas
            ref={canvas}
            data-testid="attnw-lines-canvas"
            role="img"
            aria-label={`${comparedTitle(state)}. ${w.area(info.tokens.length, keys.length)}`}
          />
          {column("query")}
          {column("key")}
        </div>
      </div>
      <div aria-live="polite" class="attnw-lines-reading">
        {!who || !alone ? (
          <p class="attnw-reading attnw-quiet attnw-hint">{w.hint}</p>
        ) : several ? (
          <Several state={state} drawn={drawn} alone={alone} values={values} exact={exact} />
        ) : who.side === "key" || !targets.values ? (
          <Says
            state={state}
            looks={who.side === "key" ? "by" : "at"}
            at={who.at}
            targets={targets}
          />
        ) : (
          <Reading state={state} rows={rows} />
        )}
        {!several && who?.side === "query" && targets.hiddenShare !== null && (
          <p class="attnw-quiet attnw-small">{w.hiddenShare(percent(targets.hiddenShare))}</p>
        )}
      </div>
      <Notes state={state} drawn={drawn} scrolls={full > tall} />
    </>
  );
}
