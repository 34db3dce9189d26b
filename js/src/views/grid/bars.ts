import type { Cell, GridLayout } from "../../draw/grid";
import { percent } from "../../text/numbers";
import { FONT, type Ink } from "../canvas";
import { groupFill } from "../fills";
import type { ViewState } from "../state";
import type { Part } from "./badge";
import { classFill, LETTERS } from "./classes";

/** Smaller pictures leave no room for a letter beside the bar. */
const LETTERED_SIZE = 24;

/** Room for a number beside a bar. */
const NUMBERS = 31;

/** What bars are drawn with. */
export interface Bars {
  readonly ctx: CanvasRenderingContext2D;
  readonly state: ViewState;
  readonly ink: Ink;
  readonly ratio: number;
  readonly layout: GridLayout;
}

/** Parts of a bar, from `x` to the right, or upwards from its foot. */
export function stack(
  { ctx, state, ink, ratio }: Bars,
  parts: readonly Part[],
  [x, y, width, height]: readonly [number, number, number, number],
  upright = false,
): void {
  const theme = state.theme.peek();
  ctx.fillStyle = ink.track;
  ctx.fillRect(x, y, width, height);
  let at = 0;
  for (const { of, share } of parts) {
    ctx.fillStyle =
      of === null
        ? ink.text
        : "group" in of
          ? groupFill(ctx, theme, of.group, ratio)
          : classFill(ctx, theme, of.class, ratio);
    if (upright) ctx.fillRect(x, y + height * (1 - at - share), width, height * share);
    else ctx.fillRect(x + at * width, y, share * width, height);
    at += share;
  }
  const { even } = state.grid.badge.peek();
  if (even === null) return;
  ctx.fillStyle = ink.text;
  if (upright) ctx.fillRect(x - 1.5, y + height * (1 - even) - 0.5, width + 3, 1);
  else ctx.fillRect(x + even * width - 0.5, y - 1.5, 1, height + 3);
}

/** Below a head: its badge; and what a mask loses. */
export function headBars(bars: Bars, cell: Cell): void {
  const { ctx, state, ink, layout } = bars;
  const { size, bar, barStep, wordy } = layout;
  const { badge } = state.grid;
  const numbers = wordy ? NUMBERS : 0;
  let top = cell.y + size + (layout.band ? barStep - bar - 2 : 1);
  if (layout.band && barStep > 8) top = cell.y + size + 4;
  const said = (text: string, font = `9.5px ${FONT}`) => {
    ctx.font = font;
    if (ctx.measureText(text).width > NUMBERS + 2) return;
    ctx.fillStyle = ink.quiet;
    ctx.textAlign = "right";
    ctx.textBaseline = "middle";
    ctx.fillText(text, cell.x + size + 1, top + bar / 2 + 0.5);
  };
  if (state.grid.barred) {
    const parts = badge.peek().parts(cell.layer, cell.head);
    const own = parts[0]?.of;
    if (own && "class" in own) {
      const lettered = size >= LETTERED_SIZE;
      stack(bars, parts, [cell.x, top, size - (lettered ? 15 : 0), bar]);
      if (lettered) said(LETTERS[own.class], `600 9.5px ${FONT}`);
    } else if (parts.length > 0) {
      stack(bars, parts, [cell.x, top, size - numbers, bar]);
      const value = badge.peek().value(cell.layer, cell.head);
      if (wordy && value !== null && badge.peek().exact) said(badge.peek().text(value));
    }
    top += barStep;
  }
  const outside = state.outside.peek();
  if (state.grid.loses) {
    const width = size - numbers;
    ctx.fillStyle = ink.track;
    ctx.fillRect(cell.x, top, width, bar);
    if (outside) {
      const lost = outside.share(cell.layer, cell.head);
      ctx.fillStyle = ink.quiet;
      ctx.fillRect(cell.x + (1 - lost) * width, top, lost * width, bar);
      if (wordy && outside.exact) said(`−${percent(lost)}`);
    }
  }
}

/** The mean of each layer on the right, and of each head below. */
export function means(bars: Bars): void {
  const { ctx, state, layout } = bars;
  const { left, top, right, bottom, viewWidth, viewHeight, stepX, stepY, size, band } = layout;
  const scroll = state.grid.scroll.peek();
  const thick = Math.min(8, stepX - 2);
  const side = viewWidth - right + 8;
  const foot = viewHeight - bottom + 3;
  const middle = (step: number) => step + band + size / 2;
  within(ctx, [viewWidth - right, top, right, viewHeight - top - bottom], () => {
    const all = state.layers.peek().map((layer) => state.grid.mean({ layer }));
    const said = numbers(bars, all, stepY < 22 ? 0 : right - 8, "left");
    all.forEach((parts, row) => {
      const y = top + middle(row * stepY) - scroll.y;
      if (y < top - stepY || y > viewHeight - bottom + stepY) return;
      stack(bars, parts, [side, y - 3, right - 10, Math.min(5, stepY - 4)]);
      said(row, side, y + 9);
    });
  });
  within(ctx, [left, viewHeight - bottom, viewWidth - left - right, bottom], () => {
    const all = state.heads.peek().map((head) => state.grid.mean({ head }));
    const said = numbers(bars, all, stepX - 2, "center");
    all.forEach((parts, column) => {
      const x = left + middle(column * stepX) - scroll.x;
      if (x < left - stepX || x > viewWidth - right + stepX) return;
      stack(bars, parts, [x - thick / 2, foot, thick, 22], true);
      said(column, x, foot + 30);
    });
  });
}

/** Write means as numbers, if there is room for each of them. */
function numbers(
  { ctx, state, ink }: Bars,
  all: readonly (readonly Part[])[],
  room: number,
  align: CanvasTextAlign,
): (i: number, x: number, y: number) => void {
  ctx.font = `9.5px ${FONT}`;
  if (state.grid.badge.peek().name === "class") return () => {};
  const texts = all.map((parts) => (parts.length > 0 ? state.grid.meanText(parts) : ""));
  if (texts.some((text) => ctx.measureText(text).width > room)) return () => {};
  return (i, x, y) => {
    ctx.fillStyle = ink.quiet;
    ctx.textAlign = align;
    ctx.textBaseline = "middle";
    ctx.fillText(texts[i]!, x, y);
  };
}

function within(
  ctx: CanvasRenderingContext2D,
  box: readonly [number, number, number, number],
  draw: () => void,
): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(...box);
  ctx.clip();
  draw();
  ctx.restore();
}
