import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { Window } from "../../draw/density";
import { MaskError } from "../../masks";
import { brush, counted, INK } from "../canvas";
import { Axes } from "./Axes";
import { labColor } from "./colors";
import { Painting } from "./painting";
import type { Scene } from "./pixels";
import type { LabState } from "./state";

const LEAST_TOKENS = 8;
/** Up to so many tokens no row falls between the pixels. */
const ALL_READ = 2048;

/** The mask, or the part of it that is zoomed into; under it, what further layers reach. */
export function Picture(props: {
  readonly state: LabState;
  readonly size: number;
  /** Room for the words at the left side. */
  readonly gutter: number;
  /** The tokens' names, where there is room for them along the sides. */
  readonly names: readonly string[] | null;
}) {
  const { state, size, gutter, names } = props;
  const w = state.words.value;
  const n = state.store.traits.n.value;
  const view = state.view.value;
  const theme = state.theme.value;
  const dragged = useRef<{ x: number; y: number; from: Window } | null>(null);
  const scene = useScene(state);
  const painting = useRef<Painting | null>(null);
  painting.current ??= new Painting();
  useEffect(() => () => painting.current?.stop(), []);
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const frame = requestAnimationFrame(() => {
      const element = canvas.current;
      if (element)
        painting.current?.paint(scene, size, (image, done) => {
          draw(element, state, size, image);
          if (done) counted(element);
        });
    });
    return () => cancelAnimationFrame(frame);
  }, [scene, size, theme, state.hoverQuery.value]);
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
    const now = state.view.peek();
    const hop = Math.max(1, Math.round((now.bottom - now.top) / 8));
    const row = state.hoverQuery.peek() ?? now.top;
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
      <Axes view={view} size={size} gutter={gutter} names={names} lang={state.lang.value} />
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
        onPointerLeave={() => {
          state.hoverQuery.value = null;
        }}
        onBlur={() => {
          state.hoverQuery.value = null;
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

/** What there is to paint; null where no mask is known. */
function useScene(state: LabState): Scene | null {
  const bound = state.bound.value;
  const fits = bound && !(bound instanceof MaskError) ? bound : null;
  const mask = fits?.mask ?? null;
  const n = state.store.traits.n.value;
  const degrees = fits?.counts.done && n > ALL_READ ? fits.counts.degrees : null;
  const view = state.view.value;
  const reach = state.under.value;
  const theme = state.theme.value;
  return useMemo(
    () => mask && { mask, view, reach, theme, degrees },
    [mask, degrees, view, reach, theme],
  );
}

function draw(
  canvas: HTMLCanvasElement,
  state: LabState,
  size: number,
  image: ImageData | null,
): void {
  const made = brush(canvas, size, size);
  if (!made) return;
  const { ctx } = made;
  const theme = state.theme.peek();
  const view = state.view.peek();
  ctx.fillStyle = labColor(theme, "none");
  ctx.fillRect(0, 0, size, size);
  if (image) ctx.putImageData(image, 0, 0);
  const row = state.hoverQuery.peek();
  if (row !== null && row >= view.top && row < view.bottom) {
    const per = size / (view.bottom - view.top);
    ctx.strokeStyle = INK[theme].text;
    ctx.lineWidth = 1;
    ctx.strokeRect(-1, (row - view.top) * per - 0.5, size + 2, Math.max(2, per) + 1);
  }
}
