import { useComputed } from "@preact/signals";
import { keyTokens } from "../data/decode";
import { css, ROLE, roleKey } from "../draw/color";
import { BAND, BAR_ROW, type GridLayout, gridLayout, hitGrid, thumbnailAt } from "../draw/layout";
import { paint } from "../draw/raster";
import { percent } from "../text/numbers";
import { bands, roleRuns } from "./bands";
import { brush, counted, FONT, INK, useFrame } from "./canvas";
import type { Place, ViewState } from "./state";

/** Every head shown as a small picture; one of them is in focus. */
export function Grid({ state, width }: { state: ViewState; width: number }) {
  const { store, words: w } = state;
  const t = store.traits;
  const layers = state.layers.value;
  const heads = state.heads.value;
  const bars = barCount(state);
  const layout = gridLayout(width, layers.length, heads.length, bars);
  const picture = useComputed(() => ({
    cells: t._cells.value,
    second: t._second_cells.value,
    shown: state.second.shown.value,
    palette: state.palette.value,
    bound: state.bound.value,
    reading: t.mask_reading.value,
    special: t.special_mode.value,
    outside: state.outside.value,
  })).value;
  const canvas = useFrame(
    (element) => draw(element, state, layout),
    [
      picture,
      width,
      layers.join(),
      heads.join(),
      t.layer.value,
      t.head.value,
      state.hoverHead.value,
    ],
  );

  const placeAt = (event: MouseEvent): Place | null => {
    const hit = hitGrid(layout, event.offsetX, event.offsetY);
    return hit && { layer: layers[hit.row]!, head: heads[hit.column]! };
  };
  const move = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    store.choose({
      layer: stepped(layers, t.layer.value, step[0]),
      head: stepped(heads, t.head.value, step[1]),
    });
  };
  return (
    <canvas
      ref={canvas}
      class="attnw-grid"
      data-testid="attnw-grid"
      tabIndex={0}
      role="img"
      aria-label={w.value.gridLabel(layers.length, heads.length, t.layer.value, t.head.value)}
      onPointerMove={(event) => {
        const place = placeAt(event);
        const now = state.hoverHead.value;
        if (place?.layer !== now?.layer || place?.head !== now?.head) state.hoverHead.value = place;
      }}
      onPointerLeave={() => {
        state.hoverHead.value = null;
      }}
      onClick={(event) => {
        const place = placeAt(event);
        if (place) store.choose({ ...place });
      }}
      onKeyDown={move}
    />
  );
}

/** Rows and columns an arrow key moves by. */
const STEPS: Record<string, readonly [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

function stepped(among: readonly number[], from: number, by: number): number {
  const at = Math.max(0, among.indexOf(from));
  return among[Math.min(among.length - 1, Math.max(0, at + by))]!;
}

/** Bars under each head: in a difference one, how much has moved. */
function barCount(state: ViewState): number {
  const shown = state.second.shown.value;
  if (shown === "difference") return 1;
  return Number(showsShares(state)) + Number(showsOutside(state));
}

/** What falls outside a mask is measured in the first record. */
export function showsOutside(state: ViewState): boolean {
  return state.second.shown.value === "first" && state.bound.value !== null;
}

export function showsShares(state: ViewState): boolean {
  return (
    state.second.shown.value !== "difference" &&
    state.store.traits.special_mode.value !== "off" &&
    state.specialKeys.value.some((s) => s === 1)
  );
}

function draw(canvas: HTMLCanvasElement, state: ViewState, layout: GridLayout): void {
  const made = brush(canvas, layout.width, layout.height);
  if (!made) return;
  const { ctx, ratio } = made;
  const layers = state.layers.peek();
  const heads = state.heads.peek();
  const theme = state.theme.peek();
  const ink = INK[theme];
  paintHeads(ctx, ratio, state, layout);

  ctx.font = `11px ${FONT}`;
  ctx.fillStyle = ink.quiet;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  heads.forEach((head, column) => {
    const [x] = thumbnailAt(layout, 0, column);
    ctx.fillText(String(head), x + layout.size / 2, layout.top - 7);
  });
  const words = state.words.peek();
  ctx.textAlign = "right";
  ctx.fillText(`${words.head} →`, layout.left, layout.top - 7);
  ctx.textAlign = "left";
  // beside smaller pictures the number of the first layer stands there
  if (layout.size >= 34) ctx.fillText(`${words.layer} ↓`, 0, layout.top + 8);
  ctx.textAlign = "center";
  layers.forEach((layer, row) => {
    const [, y] = thumbnailAt(layout, row, 0);
    ctx.fillText(String(layer), layout.left - 14, y + layout.size / 2);
  });

  const info = state.info.peek();
  // In a difference the marks would be taken for one: blue means less there.
  const marked =
    state.store.traits.special_mode.peek() === "mark" && state.second.shown.peek() !== "difference";
  const columns = marked ? roleRuns(keyTokens(info)) : [];
  const rows = marked ? roleRuns(info.tokens) : [];
  layers.forEach((layer, row) => {
    heads.forEach((head, column) => {
      const [x, y] = thumbnailAt(layout, row, column);
      bands(ctx, state, [x, y, layout.size, layout.size], columns, rows);
      bars(ctx, state, layout, x, y, layer, head);
    });
  });

  const t = state.store.traits;
  const frame = (place: Place | null, color: string, line: number) => {
    const row = place ? layers.indexOf(place.layer) : -1;
    const column = place ? heads.indexOf(place.head) : -1;
    if (row < 0 || column < 0) return;
    const [x, y] = thumbnailAt(layout, row, column);
    ctx.strokeStyle = color;
    ctx.lineWidth = line;
    ctx.strokeRect(x - BAND - 1, y - BAND - 1, layout.size + BAND + 2, layout.size + BAND + 2);
  };
  frame(state.hoverHead.peek(), ink.quiet, 1);
  frame({ layer: t.layer.peek(), head: t.head.peek() }, ink.accent, 2);
  counted(canvas);
}

function paintHeads(
  ctx: CanvasRenderingContext2D,
  ratio: number,
  state: ViewState,
  layout: GridLayout,
): void {
  const image = ctx.createImageData(ctx.canvas.width, ctx.canvas.height);
  const pixels = new Uint32Array(image.data.buffer);
  const [, , rows = 0, cols = 0] = state.store.traits._cells_shape.peek();
  const overlay = state.overlay(rows, cols);
  const palette = state.palette.peek();
  state.layers.peek().forEach((layer, row) => {
    state.heads.peek().forEach((head, column) => {
      const [x, y] = thumbnailAt(layout, row, column);
      const [left, top] = [Math.round(x * ratio), Math.round(y * ratio)];
      const edge = Math.round(layout.size * ratio);
      const levels = state.head(layer, head);
      const over = state.overlayOf(levels, overlay, { layer, head });
      paint(pixels, image.width, left, top, edge, edge, levels, over, palette);
    });
  });
  ctx.putImageData(image, 0, 0);
}

/** Below a head: how much special tokens take, against an even spread; and what a mask loses. */
function bars(
  ctx: CanvasRenderingContext2D,
  state: ViewState,
  layout: GridLayout,
  x: number,
  y: number,
  layer: number,
  head: number,
): void {
  const theme = state.theme.peek();
  const ink = INK[theme];
  const numbers = layout.wordy ? 31 : 0;
  const width = layout.size - numbers;
  let top = y + layout.size + 4;
  const number = (text: string) => {
    if (!layout.wordy) return;
    ctx.font = `9.5px ${FONT}`;
    ctx.fillStyle = ink.quiet;
    ctx.textAlign = "right";
    ctx.fillText(text, x + layout.size + 1, top + 3);
  };
  const second = state.second.info.peek();
  if (second && state.second.shown.peek() === "difference") {
    const moved = state.moved(layer, head);
    ctx.fillStyle = ink.track;
    ctx.fillRect(x, top, width, 5);
    ctx.fillStyle = ink.text;
    ctx.fillRect(x, top, moved * width, 5);
    number(percent(moved));
    return;
  }
  if (showsShares(state)) {
    const { all, parts } = state.special(layer, head);
    ctx.fillStyle = ink.track;
    ctx.fillRect(x, top, width, 5);
    let at = x;
    for (const [role, share] of parts) {
      ctx.fillStyle = css(ROLE[theme][roleKey(role) ?? "other"]);
      ctx.fillRect(at, top, share * width, 5);
      at += share * width;
    }
    ctx.fillStyle = ink.text;
    ctx.fillRect(x + state.info.peek().special.uniform * width - 0.5, top - 1.5, 1, 8);
    number(percent(all));
    top += BAR_ROW;
  }
  const outside = state.outside.peek();
  if (showsOutside(state)) {
    ctx.fillStyle = ink.track;
    ctx.fillRect(x, top, width, 5);
    if (outside) {
      const lost = outside.share(layer, head);
      ctx.fillStyle = ink.quiet;
      ctx.fillRect(x + (1 - lost) * width, top, lost * width, 5);
      if (outside.exact) number(`−${percent(lost)}`);
    }
  }
}
