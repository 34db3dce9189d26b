import { useRef } from "preact/hooks";
import type { ViewState } from "./state";

/** Which layers and heads are shown: a slider with two ends, and a button for each head. */
export function Controls({ state }: { state: ViewState }) {
  return (
    <div class="attnw-controls">
      <LayerRange state={state} />
      <HeadToggles state={state} />
    </div>
  );
}

type End = 0 | 1;

function LayerRange({ state }: { state: ViewState }) {
  const w = state.words.value;
  const all = state.info.value.layers;
  const [first, last] = state.store.traits.layers.value;
  const positions = ([from, to]: readonly [number, number]) =>
    [all.indexOf(from), all.indexOf(to)] as const;
  const ends = positions([first, last]);
  const rail = useRef<HTMLDivElement>(null);
  const dragging = useRef<End | null>(null);

  const put = (end: End, position: number, pace: "choose" | "drag") => {
    const now = positions(state.store.traits.layers.peek());
    const at = Math.min(all.length - 1, Math.max(0, position));
    const next = end === 0 ? [Math.min(at, now[1]), now[1]] : [now[0], Math.max(at, now[0])];
    if (next[0] === now[0] && next[1] === now[1]) return;
    state.store[pace]({ layers: [all[next[0]!]!, all[next[1]!]!] });
  };
  const positionOf = (event: PointerEvent) => {
    const box = rail.current!.getBoundingClientRect();
    return Math.round(((event.clientX - box.left) / box.width) * (all.length - 1));
  };
  const grab = (event: PointerEvent) => {
    const at = positionOf(event);
    const [low, high] = [Math.abs(at - ends[0]), Math.abs(at - ends[1])];
    dragging.current = low < high || (low === high && at < ends[0]) ? 0 : 1;
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
    put(dragging.current, at, "drag");
  };
  const key = (end: End) => (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -4, PageUp: 4 }[
      event.key
    ];
    const to = event.key === "Home" ? 0 : event.key === "End" ? all.length - 1 : undefined;
    if (by === undefined && to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    put(end, to ?? positions(state.store.traits.layers.peek())[end] + by!, "choose");
  };
  const percent = (position: number) =>
    all.length > 1 ? `${(100 * position) / (all.length - 1)}%` : "50%";
  const thumb = (end: End) => (
    <div
      class="attnw-thumb"
      role="slider"
      tabIndex={0}
      data-testid={end === 0 ? "attnw-first-layer" : "attnw-last-layer"}
      aria-label={end === 0 ? w.firstLayer : w.lastLayer}
      aria-valuemin={end === 0 ? all[0]! : first}
      aria-valuemax={end === 0 ? last : all[all.length - 1]!}
      aria-valuenow={end === 0 ? first : last}
      style={{ left: percent(ends[end]) }}
      onKeyDown={key(end)}
    />
  );
  return (
    <div class="attnw-range">
      <span class="attnw-range-name">{w.layersShown(first, last)}</span>
      <div
        class="attnw-rail-room"
        onPointerDown={grab}
        onPointerMove={(event) => {
          if (dragging.current !== null) put(dragging.current, positionOf(event), "drag");
        }}
        onPointerUp={() => {
          dragging.current = null;
        }}
        onPointerCancel={() => {
          dragging.current = null;
        }}
      >
        <div class="attnw-rail" ref={rail}>
          <div
            class="attnw-rail-on"
            style={{
              left: percent(ends[0]),
              right: `calc(100% - ${percent(ends[1])})`,
            }}
          />
          {thumb(0)}
          {thumb(1)}
        </div>
      </div>
    </div>
  );
}

function HeadToggles({ state }: { state: ViewState }) {
  const w = state.words.value;
  const all = state.info.value.heads;
  const shown = state.heads.value;
  const toggle = (head: number) => {
    const now = state.heads.peek();
    const next = now.includes(head) ? now.filter((h) => h !== head) : [...now, head];
    if (next.length > 0) state.store.choose({ heads: next.sort((a, b) => a - b) });
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset's legend cannot stand in line
    <div role="group" class="attnw-heads" aria-label={w.headsShown}>
      <span class="attnw-range-name">{w.headsShown}</span>
      {all.map((head) => (
        <button
          key={head}
          type="button"
          aria-pressed={shown.includes(head)}
          aria-label={w.showHead(head)}
          onClick={() => toggle(head)}
        >
          {head}
        </button>
      ))}
      <button
        type="button"
        class="attnw-all"
        disabled={shown.length === all.length}
        onClick={() => state.store.choose({ heads: [...all] })}
      >
        {w.allHeads}
      </button>
    </div>
  );
}
