import { css, differenceRamp } from "../../draw/color";
import { along, fan, type Links, middle } from "../../draw/lines";
import { parts } from "../../draw/matrix";
import { FONT, INK } from "../canvas";
import type { ViewState } from "../state";
import type { Drawn } from "./scene";

/** Where the lines leave and arrive, and which part of them is in sight. */
export interface Room {
  readonly left: number;
  readonly right: number;
  readonly width: number;
  readonly top: number;
  readonly height: number;
}

/** What is pointed at or picked: its lines stand out. */
export interface Alone {
  readonly side: "query" | "key";
  readonly at: number;
  /** The other end of one line among them. */
  readonly other: number | null;
  /** Its lines, in the order of the heads. */
  readonly links: readonly (Links | null)[];
}

const WIDEST = 4;
const THINNEST = 0.6;
const PALEST = 0.08;
/** What is left of the others while some stand out, and of a line that the mask forbids. */
export const FADED = 0.1;
const FORBIDDEN = 0.5;
/** Lines are drawn in so many strengths. */
const STEPS = 16;
/** Where along a line its head's number stands. */
const NUMBERED = 0.8;

/** All lines in sight. */
export function paintAll(
  ctx: CanvasRenderingContext2D,
  state: ViewState,
  room: Room,
  drawn: readonly Drawn[],
): void {
  ctx.translate(0, -room.top);
  drawn.forEach(({ color, links }, i) => {
    if (links) strokes(ctx, state, room, links, color, fan(i, drawn.length));
  });
  ctx.translate(0, room.top);
}

/** Those of one token. */
export function paintAlone(
  ctx: CanvasRenderingContext2D,
  state: ViewState,
  room: Room,
  drawn: readonly Drawn[],
  alone: Alone,
): void {
  ctx.translate(0, -room.top);
  drawn.forEach(({ color }, i) => {
    const links = alone.links[i];
    const off = fan(i, drawn.length);
    if (links) strokes(ctx, state, room, links, color, off);
    if (alone.other !== null) pair(ctx, state, room, alone, off);
  });
  if (drawn.length > 1) numbers(ctx, state, room, drawn, alone);
  ctx.translate(0, room.top);
}

function strokes(
  ctx: CanvasRenderingContext2D,
  state: ViewState,
  room: Room,
  links: Links,
  color: string | null,
  off: number,
): void {
  const paths = new Map<number, Path2D>();
  const { left, right, top, height } = room;
  const inside = (y: number) => y >= top && y <= top + height;
  const bend = (left + right) / 2;
  for (let i = 0; i < links.queries.length; i++) {
    const [y0, y1] = [middle(links.queries[i]!) + off, middle(links.keys[i]!) + off];
    if (!inside(y0) && !inside(y1)) continue;
    const place = links.places[i]!;
    const step = Math.min(STEPS, Math.ceil(Math.abs(place) * STEPS));
    const kind = (step << 2) | (place < 0 ? 2 : 0) | (links.outside[i] ? 1 : 0);
    const path = paths.get(kind) ?? new Path2D();
    paths.set(kind, path);
    path.moveTo(left, y0);
    path.bezierCurveTo(bend, y0, bend, y1, right, y1);
  }
  const theme = state.theme.peek();
  const changed = state.second.shown.peek() === "difference" && differenceRamp(theme);
  for (const [kind, path] of [...paths].sort(([a], [b]) => a - b)) {
    const place = (kind >> 2) / STEPS;
    const forbidden = (kind & 1) === 1;
    ctx.strokeStyle = changed ? css(changed[kind & 2 ? 1 : 255]!) : (color ?? INK[theme].accent);
    ctx.lineWidth = Math.max(THINNEST, WIDEST * place);
    ctx.globalAlpha = Math.max(PALEST, place) * (forbidden ? FORBIDDEN : 1);
    ctx.setLineDash(forbidden ? [4, 4] : []);
    ctx.stroke(path);
  }
  ctx.setLineDash([]);
  ctx.globalAlpha = 1;
}

/** The one line that is read. */
function pair(
  ctx: CanvasRenderingContext2D,
  state: ViewState,
  { left, right }: Room,
  { side, at, other }: Alone,
  off: number,
): void {
  const [query, key] = side === "query" ? [at, other!] : [other!, at];
  const bend = (left + right) / 2;
  ctx.beginPath();
  ctx.moveTo(left, middle(query) + off);
  ctx.bezierCurveTo(bend, middle(query) + off, bend, middle(key) + off, right, middle(key) + off);
  ctx.strokeStyle = INK[state.theme.peek()].text;
  ctx.lineWidth = 1;
  ctx.stroke();
}

/** Each head's number on its strongest line. */
function numbers(
  ctx: CanvasRenderingContext2D,
  state: ViewState,
  { left, right }: Room,
  drawn: readonly Drawn[],
  alone: Alone,
): void {
  const ink = INK[state.theme.peek()];
  ctx.font = `600 10px ${FONT}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.lineWidth = 3;
  ctx.strokeStyle = ink.paper;
  ctx.fillStyle = ink.text;
  drawn.forEach(({ seen }, i) => {
    const links = alone.links[i];
    if (!links?.places.length) return;
    const size = (at: number) => Math.abs(links.places[at]!);
    const best = links.places.reduce((top, _, at) => (size(at) > size(top) ? at : top), 0);
    const off = fan(i, drawn.length);
    // one after the other, so that heads that agree do not hide each other's numbers
    const t = NUMBERED - (i * 0.6) / drawn.length;
    const [x, y] = along(
      [left, middle(links.queries[best]!) + off],
      [right, middle(links.keys[best]!) + off],
      t,
    );
    ctx.strokeText(String(seen.head), x, y);
    ctx.fillText(String(seen.head), x, y);
  });
}

/** Where one text of a pair ends and the next begins, with a letter for each. */
export function paintTexts(ctx: CanvasRenderingContext2D, state: ViewState, room: Room): void {
  const { left, right, top } = room;
  const info = state.info.peek();
  const ink = INK[state.theme.peek()];
  ctx.font = `600 10px ${FONT}`;
  ctx.textBaseline = "middle";
  ctx.fillStyle = ink.quiet;
  ctx.strokeStyle = ink.line;
  ctx.lineWidth = 1;
  const both = [
    [info.tokens, 0, left, "left"],
    [info.keyTokens ?? info.tokens, right, room.width, "right"],
  ] as const;
  for (const [tokens, from, to, align] of both)
    for (const part of parts(tokens)) {
      const y = Math.round(middle(part.from) - middle(0) - top) + 0.5;
      ctx.textAlign = align;
      const edge = align === "left" ? 0 : room.width;
      ctx.fillText(String.fromCodePoint(65 + (part.segment % 26)), edge, middle(part.from) - top);
      if (part.from === 0) continue;
      ctx.beginPath();
      ctx.moveTo(from, y);
      ctx.lineTo(to, y);
      ctx.stroke();
    }
}
