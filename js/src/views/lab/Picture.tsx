import { useRef } from "preact/hooks";
import type { Window } from "../../draw/density";
import { MaskError } from "../../masks";
import { brush, counted, INK, useFrame } from "../canvas";
import { labColor } from "./colors";
import { pixels } from "./pixels";
import type { LabState } from "./state";

const LEAST_TOKENS = 8;

/** The mask, or the part of it that is zoomed into; under it, what further layers reach. */
export function Picture(props: {
  readonly state: LabState;
  readonly size: number;
  /** The tokens' names, where there is room for them along the sides. */
  readonly names: readonly string[] | null;
}) {
  const { state, size, names } = props;
  const w = state.words.value;
  const n = state.store.traits.n.value;
  const bound = state.bound.value;
  const view = state.view.value;
  const under = state.under.value;
  const theme = state.theme.value;
  const dragged = useRef<{ x: number; y: number; from: Window } | null>(null);
  const canvas = useFrame(
    (element) => draw(element, state, size),
    [bound, view, size, under, theme, state.hoverQuery.value],
  );
  const span = view.bottom - view.top;

  const zoom = (by: number, x = 0.5, y = 0.5) => {
    const now = state.view.peek();
    const tokens = now.bottom - now.top;
    const next = Math.round(Math.min(n, Math.max(Math.min(LEAST_TOKENS, n), tokens * by)));
    if (next >= n) {
      state.zoom.value = null;
      return;
    }
    state.zoom.value = placed(
      now.left + x * (tokens - next),
      now.top + y * (tokens - next),
      next,
      n,
    );
  };
  const shift = (dx: number, dy: number) => {
    const now = state.view.peek();
    const tokens = now.bottom - now.top;
    if (tokens < n) state.zoom.value = placed(now.left + dx, now.top + dy, tokens, n);
  };
  const rowAt = (event: MouseEvent) => {
    const row = view.top + Math.floor((event.offsetY / size) * span);
    return row >= view.top && row < view.bottom ? row : null;
  };
  const key = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const hop = Math.max(1, Math.round(span / 8));
    const row = state.hoverQuery.peek() ?? view.top;
    if (event.key === "+" || event.key === "=") zoom(0.5);
    else if (event.key === "-") zoom(2);
    else if (event.key === "0") state.zoom.value = null;
    else if (event.key === "ArrowLeft") shift(-hop, 0);
    else if (event.key === "ArrowRight") shift(hop, 0);
    else if (event.key === "ArrowUp") state.hoverQuery.value = Math.max(0, row - 1);
    else if (event.key === "ArrowDown") state.hoverQuery.value = Math.min(n - 1, row + 1);
    else if (event.key === "PageUp") shift(0, -hop);
    else if (event.key === "PageDown") shift(0, hop);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <figure class="attnw-axes">
      <span class="attnw-axis attnw-axis-keys" aria-hidden="true">
        {w.axisKeys}
      </span>
      <span class="attnw-axis attnw-axis-queries" aria-hidden="true">
        {w.axisQueries}
      </span>
      {names && (
        <>
          <div class="attnw-names attnw-names-keys" aria-hidden="true">
            {names.slice(view.left, view.right).map((name, i) => (
              <span key={view.left + i} style={{ left: `${((i + 0.5) * size) / span}px` }}>
                {name}
              </span>
            ))}
          </div>
          <div class="attnw-names attnw-names-queries" aria-hidden="true">
            {names.slice(view.top, view.bottom).map((name, i) => (
              <span key={view.top + i} style={{ top: `${((i + 0.5) * size) / span}px` }}>
                {name}
              </span>
            ))}
          </div>
        </>
      )}
      <canvas
        ref={canvas}
        class="attnw-mask"
        data-testid="attnw-mask"
        tabIndex={0}
        role="img"
        aria-label={w.pictureLabel(n.toLocaleString(state.lang.value))}
        onKeyDown={key}
        onWheel={(event) => {
          if (!event.ctrlKey && !event.metaKey) return; // plain scrolling is the notebook's
          event.preventDefault();
          zoom(event.deltaY > 0 ? 1.25 : 0.8, event.offsetX / size, event.offsetY / size);
        }}
        onPointerDown={(event) => {
          dragged.current = { x: event.clientX, y: event.clientY, from: view };
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={(event) => {
          const drag = dragged.current;
          if (!drag) {
            const row = rowAt(event);
            if (row !== state.hoverQuery.peek()) state.hoverQuery.value = row;
            return;
          }
          if (span >= n) return;
          const per = span / size;
          state.zoom.value = placed(
            drag.from.left - (event.clientX - drag.x) * per,
            drag.from.top - (event.clientY - drag.y) * per,
            span,
            n,
          );
        }}
        onPointerUp={() => {
          dragged.current = null;
        }}
        onPointerCancel={() => {
          dragged.current = null;
        }}
        onDblClick={(event) => zoom(0.5, event.offsetX / size, event.offsetY / size)}
      />
    </figure>
  );
}

/** A square of `tokens` at (`left`, `top`), moved so that it lies inside the mask. */
function placed(left: number, top: number, tokens: number, n: number): Window {
  const at = (from: number) => Math.round(Math.min(n - tokens, Math.max(0, from)));
  return {
    left: at(left),
    right: at(left) + tokens,
    top: at(top),
    bottom: at(top) + tokens,
  };
}

function draw(canvas: HTMLCanvasElement, state: LabState, size: number): void {
  const made = brush(canvas, size, size);
  if (!made) return;
  const { ctx, ratio } = made;
  const theme = state.theme.peek();
  const view = state.view.peek();
  const bound = state.bound.peek();
  ctx.fillStyle = labColor(theme, "none");
  ctx.fillRect(0, 0, size, size);
  if (bound && !(bound instanceof MaskError)) {
    const side = Math.round(size * ratio);
    ctx.putImageData(pixels(bound.mask, view, state.under.peek(), side, theme), 0, 0);
  }
  const row = state.hoverQuery.peek();
  if (row !== null && row >= view.top && row < view.bottom) {
    const per = size / (view.bottom - view.top);
    ctx.strokeStyle = INK[theme].text;
    ctx.lineWidth = 1;
    ctx.strokeRect(-1, (row - view.top) * per - 0.5, size + 2, Math.max(2, per) + 1);
  }
  counted(canvas);
}
