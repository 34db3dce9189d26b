import { keyTokens } from "../../data/decode";
import { groupColor, roleKey } from "../../draw/color";
import { BAND } from "../../draw/layout";
import { colStrip, labelled, type MatrixLayout, rowStrip } from "../../draw/matrix";
import { patchesOf, thumbs } from "../../draw/patches";
import { FONT, INK } from "../canvas";
import { LABEL_FONT, label } from "../labels";
import type { ViewState } from "../state";
import { bitmaps, drawThumb } from "../thumbnails";

/** Special tokens that are named before others where labels are thinned out. */
const SPECIAL_NAMED = 6;
const LEAN = Math.PI / 3;
/** Squares smaller than this are marked by thin lines, which let the data through. */
const THIN = 5;

/** What follows the pointer and what is picked: two crosses, and the labels. */
export function mark(ctx: CanvasRenderingContext2D, state: ViewState, layout: MatrixLayout): void {
  crosshair(ctx, state, layout);
  labels(ctx, state, layout);
}

/** The row and column under the pointer, and those that are picked. */
function crosshair(ctx: CanvasRenderingContext2D, state: ViewState, layout: MatrixLayout): void {
  const t = state.store.traits;
  const ink = INK[state.theme.peek()];
  const hover = state.hoverCell.peek();
  const { left, top, width, height, rows, cols } = layout;
  const fine = height / rows < THIN || width / cols < THIN;
  const cross = (query: number | null, key: number | null, color: string, line: number) => {
    ctx.strokeStyle = color;
    ctx.lineWidth = fine ? 1 : line;
    ctx.globalAlpha = fine ? 0.6 : 1;
    const row = query === null ? null : rowStrip(layout, query);
    if (row) ctx.strokeRect(left - 1, top + row[0] - 0.5, width + 2, row[1] - row[0] + 1);
    const col = key === null ? null : colStrip(layout, key);
    if (col) ctx.strokeRect(left + col[0] - 0.5, top - 1, col[1] - col[0] + 1, height + 2);
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
  const { left, top, width, height, rows, cols, firstRow, firstCol, rowEvery, colEvery } = layout;
  const style = (role: string, strong: boolean) => {
    ctx.fillStyle = roleKey(role) ? groupColor(theme, role) : strong ? ink.text : ink.quiet;
    ctx.font = strong ? `600 ${LABEL_FONT}` : LABEL_FONT;
  };
  const special = (tokens: typeof keys, first: number, end: number) =>
    tokens
      .flatMap((token, i) => (i >= first && i < end && roleKey(token.role) ? [i] : []))
      .slice(0, SPECIAL_NAMED);
  ctx.font = `11px ${FONT}`;
  ctx.fillStyle = ink.quiet;
  ctx.textAlign = "right";
  ctx.textBaseline = "alphabetic";
  const words = state.words.peek();
  ctx.fillText(words.keys, left - BAND - 4, top - 22);
  ctx.fillText(words.queries, left - BAND - 4, top - 8);
  const strongRows = [hover?.query ?? null, t.query.peek()];
  const strongCols = [hover?.key ?? null, t.key.peek()];
  ctx.textBaseline = "middle";
  const endRow = firstRow + rows;
  const shownRows = axis(state, false, height / rows, firstRow, endRow, strongRows);
  const named = special(info.tokens, firstRow, endRow);
  for (const i of labelled(endRow, rowEvery, strongRows, named, firstRow)) {
    if (shownRows?.mute(i)) continue;
    const token = info.tokens[i]!;
    style(token.role, strongRows.includes(i));
    const x = left - BAND - 4 - (shownRows?.room ?? 0);
    ctx.fillText(label(token.text), x, top + ((i - firstRow + 0.5) * height) / rows);
  }
  shownRows?.draw(ctx, (i, size) => [
    left - BAND - 4 - size,
    top + ((i - firstRow + 0.5) * height) / rows - size / 2,
  ]);
  ctx.textAlign = "left";
  const endCol = firstCol + cols;
  const shownCols = axis(state, true, width / cols, firstCol, endCol, strongCols);
  shownCols?.draw(ctx, (i, size) => [
    left + ((i - firstCol + 0.5) * width) / cols - size / 2,
    top - BAND - 4 - size,
  ]);
  const over = special(keys, firstCol, endCol);
  for (const i of labelled(endCol, colEvery, strongCols, over, firstCol)) {
    if (shownCols?.mute(i)) continue;
    const token = keys[i]!;
    style(token.role, strongCols.includes(i));
    ctx.save();
    const y = top - BAND - 5 - (shownCols?.room ?? 0);
    ctx.translate(left + ((i - firstCol + 0.5) * width) / cols, y);
    ctx.rotate(-LEAN);
    ctx.fillText(label(token.text), 0, 0);
    ctx.restore();
  }
}

/** Thumbnails along one axis, in place of the labels of patches that nobody points at; or null. */
function axis(
  state: ViewState,
  ofKeys: boolean,
  cell: number,
  from: number,
  to: number,
  strong: readonly (number | null)[],
) {
  const patches = patchesOf(state.info.peek(), ofKeys);
  const pictures = bitmaps(state);
  if (!patches || !pictures) return null;
  const { size, every } = thumbs(cell);
  const ink = INK[state.theme.peek()];
  const ends = patches.first + patches.rows * patches.columns;
  return {
    room: size + 3,
    mute: (i: number) => i >= patches.first && i < ends && !strong.includes(i),
    draw: (
      ctx: CanvasRenderingContext2D,
      corner: (i: number, size: number) => readonly [number, number],
    ) => {
      const start = Math.ceil(Math.max(0, from - patches.first) / every) * every + patches.first;
      for (let i = start; i < to; i += every)
        drawThumb(ctx, pictures.color, patches, i, [...corner(i, size), size]);
      for (const i of strong) {
        if (i === null || i < from || i >= to) continue;
        const [x, y] = corner(i, size);
        if (!drawThumb(ctx, pictures.color, patches, i, [x, y, size])) continue;
        ctx.strokeStyle = ink.accent;
        ctx.lineWidth = 1;
        ctx.strokeRect(Math.round(x) - 0.5, Math.round(y) - 0.5, size + 1, size + 1);
      }
    },
  };
}
