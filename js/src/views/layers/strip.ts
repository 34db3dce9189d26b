import type { Colors } from "../../data/types";
import { css, ramp, type Theme } from "../../draw/color";
import type { Origins } from "../../draw/depth";
import { labels as ticks } from "../../draw/ticks";
import { percent } from "../../text/numbers";
import { brush, FONT, INK } from "../canvas";
import { label } from "../labels";

export const ROWS_MOST = 28;
const ROW = 15;
const TOP = 4;
const FOOT = 16;
/** Room for the tokens, and for the share of each in the input. */
const NAME = 98;
const SHARE = 36;
const SIDE = NAME + SHARE;
/** No column is wider than this: a model of few layers is not a wall of colour. */
const WIDEST = 64;

interface Look {
  readonly made: Origins;
  readonly names: readonly string[];
  readonly labels: {
    readonly axis: string;
    readonly input: string;
    readonly first: number;
    readonly picked: number;
  };
  readonly pointed: { readonly row: number; readonly column: number } | null;
  readonly width: number;
  readonly theme: Theme;
  readonly colors: Colors;
}

function step(made: Origins, width: number): number {
  return Math.min(WIDEST, (width - SIDE - 4) / made.rows[0]!.length);
}

/** Which token and column a point is on. */
export function place(
  made: Origins,
  width: number,
  [x, y]: readonly [number, number],
): { row: number; column: number } | null {
  const row = Math.floor((y - TOP) / ROW);
  const column = Math.max(0, Math.floor((x - SIDE) / step(made, width)));
  return row >= 0 && row < made.rows.length && column < made.rows[0]!.length
    ? { row, column }
    : null;
}

/** Draw a row per token and a column per layer, the input at the left. */
export function draw(canvas: HTMLCanvasElement, look: Look): void {
  const { made, names, labels, pointed, width, theme, colors } = look;
  const height = TOP + ROW * made.rows.length + FOOT;
  const brushed = brush(canvas, width, height);
  if (!brushed) return;
  const { ctx } = brushed;
  const ink = INK[theme];
  const table = ramp(theme, colors).map(css);
  const columns = made.rows[0]!.length;
  const wide = step(made, width);
  ctx.direction = "ltr";
  ctx.clearRect(0, 0, width, height);
  ctx.textBaseline = "middle";
  made.rows.forEach((shares, row) => {
    const y = TOP + row * ROW;
    const picked = row === labels.picked;
    ctx.font = `${picked ? 650 : 400} 12px ${FONT}`;
    ctx.fillStyle = picked ? ink.text : ink.quiet;
    ctx.textAlign = "right";
    ctx.fillText(label(names[row]!), NAME - 4, y + ROW / 2, NAME - 4);
    ctx.font = `11px ${FONT}`;
    ctx.fillStyle = ink.text;
    ctx.fillText(percent(shares[0]!), SIDE - 6, y + ROW / 2, SHARE);
    shares.forEach((share, at) => {
      ctx.fillStyle = table[Math.min(255, Math.round(255 * Math.sqrt(Math.min(1, share))))]!;
      ctx.fillRect(SIDE + at * wide, y, wide - (wide > 6 ? 1 : 0), ROW - 1);
    });
  });
  if (pointed) {
    ctx.strokeStyle = ink.accent;
    ctx.lineWidth = 1.5;
    ctx.strokeRect(SIDE + pointed.column * wide, TOP + pointed.row * ROW, wide - 1, ROW - 1);
  }
  ctx.font = `11px ${FONT}`;
  ctx.fillStyle = ink.quiet;
  const foot = TOP + ROW * made.rows.length + FOOT / 2;
  const fits = ctx.measureText(labels.input).width < wide;
  ctx.textAlign = "right";
  ctx.fillText(fits ? labels.axis : labels.input, SIDE - 6, foot, SIDE - 8);
  ctx.textAlign = "center";
  if (fits) ctx.fillText(labels.input, SIDE + wide / 2, foot);
  const most = Math.max(1, Math.floor((wide * (columns - 1)) / 26));
  for (const at of ticks(0, columns - 1, most))
    ctx.fillText(String(labels.first + at), SIDE + (at + 1.5) * wide, foot);
}
