import { useComputed } from "@preact/signals";
import { keyTokens } from "../data/decode";
import { css, ROLE, roleKey } from "../draw/color";
import { BAND, hitMatrix, labelled, type MatrixLayout, matrixLayout, span } from "../draw/layout";
import { paint } from "../draw/raster";
import { bands, roleRuns } from "./bands";
import { brush, counted, FONT, INK, useFrame } from "./canvas";
import { LABEL_FONT, label, widest } from "./labels";
import type { ViewState } from "./state";

/** Special tokens that are named before others where labels are thinned out. */
const SPECIAL_NAMED = 6;
const LEAN = Math.PI / 3;
/** A leaning label over the last column reaches this far to the right of it. */
const OVERHANG = 34;

/** Squares smaller than this are marked by thin lines, which let the data through. */
const THIN = 5;

/** The head in focus, in full, with its tokens. */
export function Matrix({ state, width }: { state: ViewState; width: number }) {
  const { store, words: w } = state;
  const t = store.traits;
  const info = state.info.value;
  const [, , rows, cols] = info.shape;
  const layout = matrixLayout(
    width - OVERHANG,
    rows,
    cols,
    widest([...info.tokens, ...keyTokens(info)], [w.value.queries, w.value.keys]),
  );
  const picture = useComputed(() => ({
    levels: state.focus.value,
    palette: state.palette.value,
    bound: state.bound.value,
    reading: t.mask_reading.value,
    special: t.special_mode.value,
  })).value;
  const picked = { query: t.query.value, key: t.key.value };
  const hover = state.hoverCell.value;
  const canvas = useFrame(
    (element) => draw(element, state, layout, width),
    [picture, width, picked.query, picked.key, hover?.query, hover?.key, state.lang.value],
  );

  const move = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") store.choose({ query: null, key: null });
    else {
      const step = STEPS[event.key];
      if (!step) return;
      const clamp = (at: number | null, by: number, count: number) =>
        at === null ? 0 : Math.min(count - 1, Math.max(0, at + by));
      store.choose({
        query: clamp(t.query.peek(), step[0], rows),
        key: clamp(t.key.peek(), step[1], cols),
      });
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <canvas
      ref={canvas}
      class="attnw-matrix"
      data-testid="attnw-matrix"
      tabIndex={0}
      role="img"
      aria-label={`${w.value.matrixTitle(t.layer.value, t.head.value)}. ${w.value.matrixLabel(rows, cols)}`}
      onPointerMove={(event) => {
        const hit = hitMatrix(layout, event.offsetX, event.offsetY);
        if (hit?.query !== hover?.query || hit?.key !== hover?.key) state.hoverCell.value = hit;
      }}
      onPointerLeave={() => {
        state.hoverCell.value = null;
      }}
      onClick={(event) => {
        const hit = hitMatrix(layout, event.offsetX, event.offsetY);
        if (!hit) return;
        const again = hit.query === t.query.peek() && hit.key === t.key.peek();
        store.choose(again ? { query: null, key: null } : hit);
      }}
      onKeyDown={move}
    />
  );
}

const STEPS: Record<string, readonly [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

function draw(
  canvas: HTMLCanvasElement,
  state: ViewState,
  layout: MatrixLayout,
  width: number,
): void {
  const made = brush(canvas, width, layout.top + layout.height + 4);
  if (!made) return;
  const { ctx, ratio } = made;
  const { left, top } = layout;
  const levels = state.focus.peek();
  const place = { layer: state.store.traits.layer.peek(), head: state.store.traits.head.peek() };
  const over = state.overlayOf(levels, state.overlay(levels.rows, levels.cols), place);
  const image = ctx.createImageData(
    Math.round(layout.width * ratio),
    Math.round(layout.height * ratio),
  );
  const pixels = new Uint32Array(image.data.buffer);
  const palette = state.palette.peek();
  paint(pixels, image.width, 0, 0, image.width, image.height, levels, over, palette);
  ctx.putImageData(image, Math.round(left * ratio), Math.round(top * ratio));

  const info = state.info.peek();
  const keys = keyTokens(info);
  if (state.store.traits.special_mode.peek() === "mark")
    bands(
      ctx,
      state,
      [left, top, layout.width, layout.height],
      roleRuns(keys),
      roleRuns(info.tokens),
    );
  const ink = INK[state.theme.peek()];
  ctx.strokeStyle = ink.line;
  ctx.lineWidth = 1;
  ctx.strokeRect(left - 0.5, top - 0.5, layout.width + 1, layout.height + 1);
  outline(ctx, state, layout);
  crosshair(ctx, state, layout);
  labels(ctx, state, layout);
  counted(canvas);
}

/** The mask's edge, where squares are large enough to have one. */
function outline(ctx: CanvasRenderingContext2D, state: ViewState, layout: MatrixLayout): void {
  const { layer, head } = state.store.traits;
  const bits = state.bound.peek()?.full(layer.peek(), head.peek());
  const { rows, cols, left, top } = layout;
  if (!bits || layout.width / cols < 4) return;
  const x = (key: number) => left + (key * layout.width) / cols;
  const y = (query: number) => top + (query * layout.height) / rows;
  ctx.beginPath();
  for (let q = 0; q < rows; q++)
    for (let k = 0; k < cols; k++) {
      const here = bits[q * cols + k];
      if (k + 1 < cols && here !== bits[q * cols + k + 1]) {
        ctx.moveTo(x(k + 1), y(q));
        ctx.lineTo(x(k + 1), y(q + 1));
      }
      if (q + 1 < rows && here !== bits[(q + 1) * cols + k]) {
        ctx.moveTo(x(k), y(q + 1));
        ctx.lineTo(x(k + 1), y(q + 1));
      }
    }
  ctx.strokeStyle = INK[state.theme.peek()].text;
  ctx.lineWidth = 1;
  ctx.stroke();
}

/** The row and column under the pointer, and those that are picked. */
function crosshair(ctx: CanvasRenderingContext2D, state: ViewState, layout: MatrixLayout): void {
  const t = state.store.traits;
  const ink = INK[state.theme.peek()];
  const hover = state.hoverCell.peek();
  const fine = layout.height / layout.rows < THIN || layout.width / layout.cols < THIN;
  const cross = (query: number | null, key: number | null, color: string, line: number) => {
    ctx.strokeStyle = color;
    ctx.lineWidth = fine ? 1 : line;
    ctx.globalAlpha = fine ? 0.6 : 1;
    if (query !== null && query < layout.rows) {
      const [from, to] = span(query, layout.rows, layout.height);
      ctx.strokeRect(layout.left - 1, layout.top + from - 0.5, layout.width + 2, to - from + 1);
    }
    if (key !== null && key < layout.cols) {
      const [from, to] = span(key, layout.cols, layout.width);
      ctx.strokeRect(layout.left + from - 0.5, layout.top - 1, to - from + 1, layout.height + 2);
    }
  };
  cross(t.query.peek(), t.key.peek(), ink.accent, 2);
  if (hover) cross(hover.query, hover.key, ink.quiet, 1);
  ctx.globalAlpha = 1;
}

function labels(ctx: CanvasRenderingContext2D, state: ViewState, layout: MatrixLayout): void {
  const info = state.info.peek();
  const keys = keyTokens(info);
  const t = state.store.traits;
  const theme = state.theme.peek();
  const ink = INK[theme];
  const hover = state.hoverCell.peek();
  const style = (role: string, strong: boolean) => {
    const key = roleKey(role);
    ctx.fillStyle = key ? css(ROLE[theme][key]) : strong ? ink.text : ink.quiet;
    ctx.font = strong ? `600 ${LABEL_FONT}` : LABEL_FONT;
  };
  const special = (tokens: typeof keys) =>
    tokens.flatMap((token, i) => (roleKey(token.role) ? [i] : [])).slice(0, SPECIAL_NAMED);
  ctx.font = `11px ${FONT}`;
  ctx.fillStyle = ink.quiet;
  ctx.textAlign = "right";
  ctx.textBaseline = "alphabetic";
  const words = state.words.peek();
  ctx.fillText(words.keys, layout.left - BAND - 4, layout.top - 22);
  ctx.fillText(words.queries, layout.left - BAND - 4, layout.top - 8);
  const strongRows = [hover?.query ?? null, t.query.peek()];
  const strongCols = [hover?.key ?? null, t.key.peek()];
  ctx.textBaseline = "middle";
  ctx.textAlign = "right";
  for (const i of labelled(layout.rows, layout.rowEvery, strongRows, special(info.tokens))) {
    const token = info.tokens[i]!;
    style(token.role, strongRows.includes(i));
    const y = layout.top + ((i + 0.5) * layout.height) / layout.rows;
    ctx.fillText(label(token.text), layout.left - BAND - 4, y);
  }
  ctx.textAlign = "left";
  for (const i of labelled(layout.cols, layout.colEvery, strongCols, special(keys))) {
    const token = keys[i]!;
    style(token.role, strongCols.includes(i));
    ctx.save();
    ctx.translate(layout.left + ((i + 0.5) * layout.width) / layout.cols, layout.top - BAND - 5);
    ctx.rotate(-LEAN);
    ctx.fillText(label(token.text), 0, 0);
    ctx.restore();
  }
}
