import { keyTokens } from "../../data/decode";
import { type Cell, type GridLayout, inView, scrollable } from "../../draw/grid";
import { brackets, every } from "../../draw/order";
import { paint } from "../../draw/raster";
import { tint } from "../../draw/shrunk";
import { bands, roleRuns } from "../bands";
import { brush, counted, FONT, INK, type Ink } from "../canvas";
import type { Place, ViewState } from "../state";
import { type Bars, headBars, means } from "./bars";

/** Draw the heads that are seen, their bars, and what stands along the sides. */
export function drawGrid(
  canvas: HTMLCanvasElement,
  state: ViewState,
  layout: GridLayout,
  pictured: readonly unknown[],
): void {
  const made = brush(canvas, layout.viewWidth, layout.viewHeight);
  if (!made) return;
  const { ctx, ratio } = made;
  const ink = INK[state.theme.peek()];
  const cells = inView(layout, state.grid.scroll.peek());
  pictures(ctx, ratio, state, layout, cells, pictured);
  const bars: Bars = { ctx, state, ink, ratio, layout };
  inside(ctx, state, layout, () => {
    marks(ctx, state, layout, cells);
    for (const cell of cells) headBars(bars, cell);
    names(ctx, state, ink, layout, cells);
    fade(ctx, state, ink, layout, cells);
  });
  if (layout.name === 0) sides(ctx, state, ink, layout);
  if (layout.right > 0) means(bars);
  counted(canvas);
}

/** Draw within the part that scrolls, in its own pixels. */
function inside(
  ctx: CanvasRenderingContext2D,
  state: ViewState,
  layout: GridLayout,
  draw: () => void,
): void {
  const { left, top, right, bottom, viewWidth, viewHeight } = layout;
  const scroll = state.grid.scroll.peek();
  ctx.save();
  if (scrollable(layout)) {
    ctx.beginPath();
    ctx.rect(left, top, viewWidth - left - right, viewHeight - top - bottom);
    ctx.clip();
  }
  ctx.translate(left - scroll.x, top - scroll.y);
  draw();
  ctx.restore();
}

function pictures(
  ctx: CanvasRenderingContext2D,
  ratio: number,
  state: ViewState,
  layout: GridLayout,
  cells: readonly Cell[],
  pictured: readonly unknown[],
): void {
  const scroll = state.grid.scroll.peek();
  const pixels = (length: number) => Math.round(length * ratio);
  const [left, top] = [pixels(layout.left), pixels(layout.top)];
  const width = pixels(layout.viewWidth - layout.right) - left;
  const height = pixels(layout.viewHeight - layout.bottom) - top;
  const edge = pixels(layout.size);
  // heads that are seen in part need room beyond what is seen
  const spare = scrollable(layout) ? edge + 1 : 0;
  const put = (image: ImageData) =>
    ctx.putImageData(image, left - spare, top - spare, spare, spare, width, height);
  const of = [ratio, layout, scroll, ...pictured];
  const before = state.grid.painted;
  if (before?.of.every((part, i) => part === of[i])) {
    put(before.image);
    return;
  }
  const image = ctx.createImageData(width + 2 * spare, height + 2 * spare);
  const target = new Uint32Array(image.data.buffer);
  const [, , rows = 0, cols = 0] = state.store.traits._cells_shape.peek();
  const overlay = state.overlay(rows, cols);
  const palette = state.palette.peek();
  for (const cell of cells) {
    const x = pixels(cell.x - scroll.x) + spare;
    const y = pixels(cell.y - scroll.y) + spare;
    if (x < 0 || y < 0 || x + edge > image.width || y + edge > image.height) continue;
    const levels = state.head(cell.layer, cell.head);
    const over = state.overlayOf(levels, overlay, cell);
    const small = state.grid.shrunk.at(edge, levels, over);
    if (small) tint(target, image.width, x, y, small, palette);
    else paint(target, image.width, x, y, edge, edge, levels, over, palette);
  }
  put(image);
  state.grid.painted = { of, image };
}

/** Special columns and rows; in a difference the marks would be taken for one: blue means less. */
function marks(
  ctx: CanvasRenderingContext2D,
  state: ViewState,
  { band, size }: GridLayout,
  cells: readonly Cell[],
): void {
  const { special_mode, special_roles } = state.store.traits;
  if (band === 0 || special_mode.peek() !== "mark" || state.second.shown.peek() === "difference")
    return;
  const info = state.info.peek();
  const columns = roleRuns(keyTokens(info), special_roles.peek());
  const rows = roleRuns(info.tokens, special_roles.peek());
  for (const { x, y } of cells) bands(ctx, state, [x, y, size, size], columns, rows);
}

/** In an order of their own each head bears its name, and each group its caption. */
function names(
  ctx: CanvasRenderingContext2D,
  state: ViewState,
  ink: Ink,
  layout: GridLayout,
  cells: readonly Cell[],
): void {
  if (layout.name === 0) return;
  const w = state.words.peek().grid;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  ctx.font = `10.5px ${FONT}`;
  ctx.fillStyle = ink.quiet;
  for (const { x, y, layer, head } of cells)
    ctx.fillText(w.name(layer, head), x, y - layout.band - layout.name / 2);
  ctx.font = `12px ${FONT}`;
  ctx.fillStyle = ink.text;
  for (const { name, count, y } of layout.captions) {
    const known = name as keyof typeof w.classes;
    ctx.fillText(w.caption(w.classes[known], w.classHelp[known], count), 0, y + 11, layout.width);
  }
}

/** Heads outside the chosen range stay where they are, but step back. */
function fade(
  ctx: CanvasRenderingContext2D,
  state: ViewState,
  ink: Ink,
  { name, band, size, stepY }: GridLayout,
  cells: readonly Cell[],
): void {
  if (name > 0) return;
  const { value } = state.grid.badge.peek();
  ctx.fillStyle = ink.paper;
  ctx.globalAlpha = 0.8;
  for (const { x, y, layer, head } of cells)
    if (!state.grid.within(value(layer, head)))
      ctx.fillRect(x - band, y - band, size + band + 2, stepY);
  ctx.globalAlpha = 1;
}

/** Numbers of layers and heads, every so many where they are close, and what heads share. */
function sides(
  ctx: CanvasRenderingContext2D,
  state: ViewState,
  ink: Ink,
  layout: GridLayout,
): void {
  const { left, top, right, bottom, viewWidth, viewHeight, stepX, stepY, size, band } = layout;
  const scroll = state.grid.scroll.peek();
  const words = state.words.peek();
  const heads = state.heads.peek();
  ctx.fillStyle = ink.quiet;
  ctx.font = `11px ${FONT}`;
  ctx.textBaseline = "middle";
  ctx.textAlign = "right";
  const headEnd = size < 18 ? left - 3 : left;
  ctx.fillText(`${words.head} →`, headEnd, top - 7, headEnd);
  ctx.textAlign = "left";
  const down = `${words.layer} ↓`;
  // beside smaller pictures the number of the first layer stands there
  if (size >= 34) ctx.fillText(down, 0, top + 8 - scroll.y);
  else if (ctx.measureText(down).width < left - 22) ctx.fillText(down, 0, top + 8);
  else upright(ctx, `${words.layer} →`, 7, top, viewHeight - top - bottom);
  ctx.textAlign = "center";
  const acrossEvery = every(stepX, 18);
  heads.forEach((head, column) => {
    const x = left + column * stepX + band + size / 2 - scroll.x;
    if (column % acrossEvery === 0 && x > left + 4 && x < viewWidth - right - 2)
      ctx.fillText(String(head), x, top - 7);
  });
  const downEvery = every(stepY, 13);
  state.layers.peek().forEach((layer, row) => {
    const y = top + row * stepY + band + size / 2 - scroll.y;
    if (row % downEvery === 0 && y > top - 2 && y < viewHeight - bottom - 2)
      ctx.fillText(String(layer), left - 14, y);
  });
  ctx.strokeStyle = ink.quiet;
  ctx.lineWidth = 1;
  for (const [first, last] of brackets(heads, state.info.peek().kvGroups)) {
    const from = Math.max(left, left + first * stepX + band - scroll.x + 0.5);
    const to = Math.min(viewWidth - right, left + last * stepX + band + size - scroll.x - 0.5);
    if (from >= to) continue;
    ctx.beginPath();
    ctx.moveTo(from, 7);
    ctx.lineTo(from, 2.5);
    ctx.lineTo(to, 2.5);
    ctx.lineTo(to, 7);
    ctx.stroke();
  }
}

/** Write downwards, where there is the height for it. */
function upright(
  ctx: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  height: number,
): void {
  if (ctx.measureText(text).width > height) return;
  ctx.save();
  ctx.translate(x, y);
  ctx.rotate(Math.PI / 2);
  ctx.fillText(text, 0, 0);
  ctx.restore();
}

/** Frame the head in focus and the one under the pointer, and name their layer and head. */
export function drawFrames(canvas: HTMLCanvasElement, state: ViewState, layout: GridLayout): void {
  const made = brush(canvas, layout.viewWidth, layout.viewHeight);
  if (!made) return;
  const { ctx } = made;
  const ink = INK[state.theme.peek()];
  const t = state.store.traits;
  const { band, size, left, top, stepX, stepY } = layout;
  const scroll = state.grid.scroll.peek();
  const find = (place: Place | null) =>
    place && layout.cells.find(({ layer, head }) => layer === place.layer && head === place.head);
  const frame = (cell: Cell | null | undefined, color: string, line: number) => {
    if (!cell) return;
    ctx.strokeStyle = color;
    ctx.lineWidth = line;
    const edge = size + Math.max(band, 0) + 2;
    ctx.strokeRect(cell.x - band - 1, cell.y - band - 1, edge, edge);
  };
  const [hovered, focused] = [
    find(state.hoverHead.peek()),
    find({ layer: t.layer.peek(), head: t.head.peek() }),
  ];
  inside(ctx, state, layout, () => {
    frame(hovered, ink.quiet, 1);
    frame(focused, ink.accent, 2);
  });
  if (layout.name > 0) return;
  const bold = (text: string, x: number, y: number, color: string) => {
    ctx.font = `650 11px ${FONT}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    const width = ctx.measureText(text).width + 4;
    ctx.fillStyle = ink.paper;
    ctx.fillRect(x - width / 2, y - 6, width, 12);
    ctx.fillStyle = color;
    ctx.fillText(text, x, y);
  };
  for (const [cell, color] of [
    [focused, ink.accent],
    [hovered, ink.text],
  ] as const) {
    if (!cell) continue;
    const x = left + cell.column * stepX + band + size / 2 - scroll.x;
    const y = top + cell.row * stepY + band + size / 2 - scroll.y;
    if (x > left && x < layout.viewWidth - layout.right) bold(String(cell.head), x, top - 7, color);
    if (y > top - 2 && y < layout.viewHeight - layout.bottom)
      bold(String(cell.layer), left - 14, y, color);
  }
}
