import { keyTokens } from "../../data/decode";
import { pack, type Rgb } from "../../draw/color";
import { colStrip, type MatrixLayout, parts, rowStrip } from "../../draw/matrix";
import { edgePixels, outline } from "../../draw/outline";
import { edges, paint } from "../../draw/raster";
import { bands, roleRuns } from "../bands";
import { type Brush, FONT, INK } from "../canvas";
import type { ViewState } from "../state";
import type { Scene } from "./scene";

/** Squares smaller than this, in device pixels, have a mask's edge drawn into the pixels. */
const LINED = 4;
/** How long a full bar beside the matrix is, and how far from it. */
export const BAR = 22;
const APART = 5;
/** How strong: quieter than the data. */
const FULL = 0.55;
/** Room for the letter of a text beyond the bars. */
export const LETTER = 12;

/** All that the pointer does not change: squares, marks, edges and sums. */
export function paintBase(
  brush: Brush,
  state: ViewState,
  layout: MatrixLayout,
  scene: Scene,
): void {
  const { ctx } = brush;
  const { left, top, width, height, firstRow, firstCol, rows, cols } = layout;
  const ink = INK[state.theme.peek()];
  squares(brush, state, layout, scene);
  const t = state.store.traits;
  const info = state.info.peek();
  const keys = keyTokens(info);
  const roles = t.special_roles.peek();
  if (t.special_mode.peek() === "mark")
    bands(
      ctx,
      state,
      [left, top, width, height],
      roleRuns(keys, roles),
      roleRuns(info.tokens, roles),
      {
        rows: { from: firstRow, to: firstRow + rows, of: info.tokens.length },
        cols: { from: firstCol, to: firstCol + cols, of: keys.length },
      },
    );
  ctx.strokeStyle = ink.line;
  ctx.lineWidth = 1;
  ctx.strokeRect(left - 0.5, top - 0.5, width + 1, height + 1);
  texts(ctx, state, layout, scene.margins !== null);
  if (scene.margins) sums(ctx, state, layout, scene);
}

function squares(
  { ctx, ratio }: Brush,
  state: ViewState,
  layout: MatrixLayout,
  { levels, overlay, part, mask }: Scene,
): void {
  const image = ctx.createImageData(
    Math.round(layout.width * ratio),
    Math.round(layout.height * ratio),
  );
  const { width, height } = image;
  const pixels = new Uint32Array(image.data.buffer);
  paint(pixels, width, 0, 0, width, height, levels, overlay, state.palette.peek(), part);
  const [x, y] = [Math.round(layout.left * ratio), Math.round(layout.top * ratio)];
  const full = mask && state.pairs();
  if (full && Math.min(width / layout.cols, height / layout.rows) >= LINED) {
    ctx.putImageData(image, x, y);
    lines(ctx, state, layout, full);
  } else {
    if (mask) {
      const open = opened(mask, levels.rows, levels.cols, width, height, part);
      const color = edgeColor(state);
      for (const at of edgePixels(open, width, height)) pixels[at] = color;
    }
    ctx.putImageData(image, x, y);
  }
}

/** Which pixels a mask leaves open. */
function opened(
  mask: Uint8Array,
  rows: number,
  cols: number,
  width: number,
  height: number,
  part: Scene["part"],
): Uint8Array {
  const ys = edges(rows, height, part.rows);
  const xs = edges(cols, width, part.cols);
  const open = new Uint8Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      search: for (let r = ys.from[y]!; r < ys.to[y]!; r++)
        for (let c = xs.from[x]!; c < xs.to[x]!; c++)
          if (mask[r * cols + c]) {
            open[y * width + x] = 1;
            break search;
          }
  return open;
}

function edgeColor(state: ViewState): number {
  const hex = INK[state.theme.peek()].quiet.slice(1);
  const rgb = [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  return pack(rgb as unknown as Rgb);
}

/** The mask's edge as lines, where squares are large enough to have one. */
function lines(
  ctx: CanvasRenderingContext2D,
  state: ViewState,
  layout: MatrixLayout,
  bits: Uint8Array,
): void {
  const { left, top, width, height, firstRow, firstCol, rows, cols } = layout;
  const [, , queries, keys] = state.info.peek().shape;
  const found = outline(
    bits,
    keys,
    { from: firstRow, to: firstRow + rows, of: queries },
    { from: firstCol, to: firstCol + cols, of: keys },
  );
  ctx.beginPath();
  for (let i = 0; i < found.length; i += 4) {
    ctx.moveTo(left + (found[i]! * width) / cols, top + (found[i + 1]! * height) / rows);
    ctx.lineTo(left + (found[i + 2]! * width) / cols, top + (found[i + 3]! * height) / rows);
  }
  ctx.strokeStyle = INK[state.theme.peek()].text;
  ctx.lineWidth = 1;
  ctx.stroke();
}

/** Where one text of a pair ends and the next begins, with a letter for each on both sides. */
function texts(
  ctx: CanvasRenderingContext2D,
  state: ViewState,
  layout: MatrixLayout,
  summed: boolean,
): void {
  const info = state.info.peek();
  const ink = INK[state.theme.peek()];
  const { left, top, width, height, firstRow, firstCol, rows, cols } = layout;
  const beyond = summed ? APART + BAR : APART;
  ctx.font = `600 10px ${FONT}`;
  ctx.fillStyle = ink.quiet;
  ctx.strokeStyle = ink.quiet;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  const along = (
    tokens: Parameters<typeof parts>[0],
    [first, count, length]: readonly [number, number, number],
    draw: (at: number, middle: number, letter: string, starts: boolean) => void,
  ) => {
    for (const { segment, from, to } of parts(tokens)) {
      const [begin, end] = [Math.max(from, first), Math.min(to, first + count)];
      if (begin >= end) continue;
      const at = (token: number) => ((token - first) * length) / count;
      const letter = String.fromCodePoint(65 + (segment % 26));
      draw(at(begin), (at(begin) + at(end)) / 2, letter, begin > first);
    }
  };
  ctx.lineWidth = 1;
  ctx.globalAlpha = 0.9;
  ctx.beginPath();
  along(info.tokens, [firstRow, rows, height], (at, middle, letter, starts) => {
    ctx.fillText(letter, left + width + beyond + LETTER / 2 + 1, top + middle);
    if (!starts) return;
    ctx.moveTo(left, Math.round(top + at) + 0.5);
    ctx.lineTo(left + width + beyond, Math.round(top + at) + 0.5);
  });
  along(keyTokens(info), [firstCol, cols, width], (at, middle, letter, starts) => {
    ctx.fillText(letter, left + middle, top + height + beyond + LETTER / 2 + 1);
    if (!starts) return;
    ctx.moveTo(Math.round(left + at) + 0.5, top);
    ctx.lineTo(Math.round(left + at) + 0.5, top + height + beyond);
  });
  ctx.stroke();
  ctx.globalAlpha = 1;
}

/** What is drawn of each row, to its right; what each column receives, below it. */
function sums(
  ctx: CanvasRenderingContext2D,
  state: ViewState,
  layout: MatrixLayout,
  { margins }: Scene,
): void {
  if (!margins) return;
  const { left, top, width, height, firstRow, firstCol, rows, cols } = layout;
  const ink = INK[state.theme.peek()];
  const [right, below] = [left + width + APART, top + height + APART];
  const thin = (from: number, to: number) => Math.max(1, to - from - (to - from > 4 ? 1 : 0));
  ctx.fillStyle = ink.quiet;
  for (let q = firstRow; q < firstRow + rows; q++) {
    const [from, to] = rowStrip(layout, q)!;
    const inside = BAR * margins.rows[q]!;
    ctx.globalAlpha = FULL;
    ctx.fillRect(right, top + from, inside, thin(from, to));
    ctx.globalAlpha = FULL / 2.5;
    ctx.fillRect(right + inside, top + from, BAR * margins.outside[q]!, thin(from, to));
  }
  ctx.globalAlpha = FULL;
  for (let k = firstCol; k < firstCol + cols; k++) {
    const [from, to] = colStrip(layout, k)!;
    const long = margins.most > 0 ? (BAR * margins.cols[k]!) / margins.most : 0;
    ctx.fillRect(left + from, below, thin(from, to), long);
  }
  ctx.globalAlpha = 1;
  ctx.fillStyle = ink.line;
  ctx.fillRect(right - 1, top, 1, height);
  ctx.fillRect(right + BAR, top, 1, height);
  ctx.fillRect(left, below - 1, width, 1);
}
