/** The mask on show as an SVG text that stands alone: title, axes, picture and legend. */

import type { Window } from "../../draw/density";
import { type Reach, reaches } from "../../masks/reach";
import type { RowSource } from "../../masks/rows";
import { clipped } from "../../text/numbers";
import { visible } from "../../text/tokens";
import { escaped } from "../../text/xml";
import { FONT, INK } from "../canvas";
import { labColor } from "./colors";

/** More tokens than this are drawn as pixels, not as one shape per run of keys. */
export const VECTOR_MOST = 1024;
/** Up to this many tokens are named along the sides. */
const NAMED_MOST = 40;
const SIDE = 640;
const PAD = 20;
const LINE = 19;
const LETTER = 7.4;
const LINES_MOST = 3;

export interface Still {
  readonly mask: RowSource;
  readonly view: Window;
  /** What further layers reach; null where only the mask is on show. */
  readonly reach: Reach | null;
  /** Pixels of a view too large for shapes, as an image's address; else null. */
  readonly image: string | null;
  /** The mask as one would type it, and lines about it. */
  readonly title: string;
  readonly notes: readonly string[];
  readonly names: readonly string[];
  readonly words: StillWords;
  readonly lang: string;
}

export interface StillWords {
  readonly axisKeys: string;
  readonly axisQueries: string;
  readonly kept: string;
  readonly forbidden: string;
  readonly reachLegend: string;
}

/** Draw for white paper, whatever the theme on the screen. */
export function stillSvg(still: Still): string {
  const { view, words: w, title, notes } = still;
  const tokens = view.bottom - view.top;
  const cell = still.image ? SIDE / tokens : Math.max(1, Math.floor(SIDE / tokens));
  const side = Math.round(cell * tokens);
  const labels = labelled(still);
  const margin = labels.reduce((most, { text }) => Math.max(most, lengthOf(text)), 0) * LETTER + 8;
  const width = Math.max(side, SIDE / 2) + margin + LINE + 2 * PAD;
  const lines = wrapped(title, Math.floor((width - 2 * PAD) / LETTER));
  const left = PAD + LINE + margin;
  const top = PAD + LINE * (lines.length + notes.length + 1) + margin + 6;
  const legend = [
    [w.kept, "kept"],
    [w.forbidden, "none"],
    ...(still.reach ? [[w.reachLegend, "reach"] as const] : []),
  ] as const;
  const height = top + side + 12 + LINE * legend.length + PAD;
  const text = (x: number, y: number, words: string, more = "") =>
    `<text x="${round(x)}" y="${round(y)}"${more}>${escaped(words)}</text>`;
  const at = (token: number, from: number) => (token - from + 0.5) * cell;
  const body = [
    ...lines.map((line, i) => text(PAD, PAD + LINE * (i + 0.7), line, ` ${CODE}`)),
    ...notes.map((line, i) => text(PAD, PAD + LINE * (lines.length + i + 0.7), line, ` ${QUIET}`)),
    text(left, top - margin - 6, w.axisKeys, ` ${QUIET}`),
    text(0, 0, w.axisQueries, ` ${QUIET} text-anchor="end" ${turned(PAD + LINE * 0.6, top)}`),
    ...labels.flatMap(({ token, text: name, query, key }) => [
      query
        ? text(left - 5, top + at(token, view.top) + 4, name, ` ${QUIET} text-anchor="end"`)
        : "",
      key ? text(0, 0, name, ` ${QUIET} ${turned(left + at(token, view.left) + 4, top - 5)}`) : "",
    ]),
    `<g transform="translate(${round(left)} ${round(top)})" shape-rendering="crispEdges">`,
    `<rect width="${side}" height="${side}" fill="${labColor("light", "none")}"/>`,
    still.image
      ? `<image href="${still.image}" width="${side}" height="${side}" style="image-rendering:pixelated"/>`
      : `<g transform="scale(${cell})">${shapes(still)}</g>`,
    `<rect x="-1" y="-1" width="${side + 2}" height="${side + 2}" fill="none" stroke="${INK.light.line}"/></g>`,
    ...legend.map(([name, color], i) => {
      const y = top + side + 12 + LINE * i;
      return (
        `<rect x="${round(left)}" y="${round(y + 3)}" width="14" height="11" fill="${labColor("light", color)}" stroke="${INK.light.line}"/>` +
        text(left + 21, y + 13, name)
      );
    }),
  ];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.ceil(width)}" height="${Math.ceil(height)}" ` +
    `viewBox="0 0 ${Math.ceil(width)} ${Math.ceil(height)}" xml:lang="${still.lang}" role="img" ` +
    `font-family='${FONT}' font-size="13" fill="${INK.light.text}">` +
    `<title>${escaped([title, ...notes].join(" · "))}</title>` +
    `<rect width="100%" height="100%" fill="${INK.light.paper}"/>${body.join("")}</svg>`
  );
}

const CODE = 'font-family="ui-monospace, Menlo, Consolas, monospace" font-weight="600"';
const QUIET = `fill="${INK.light.quiet}"`;

function turned(x: number, y: number): string {
  return `transform="translate(${round(x)} ${round(y)}) rotate(-90)"`;
}

/** One rectangle per run of keys, in tokens; what is reached lies under what is kept. */
function shapes({ mask, view, reach }: Still): string {
  const path = (runs: readonly string[], color: string) =>
    runs.length > 0 ? `<path d="${runs.join("")}" fill="${color}"/>` : "";
  const run = (row: number, from: number, to: number) =>
    `M${from - view.left} ${row - view.top}h${to - from}v1h${from - to}z`;
  const kept: string[] = [];
  mask.forEachRow(
    (row, list, end) => {
      for (let i = 0; i < end; i += 2) {
        const [from, to] = [Math.max(list[i]!, view.left), Math.min(list[i + 1]!, view.right)];
        if (from < to) kept.push(run(row, from, to));
      }
    },
    view.top,
    view.bottom,
  );
  const under: string[] = [];
  for (let row = view.top; reach && row < view.bottom; row++) {
    let from = -1;
    for (let key = view.left; key <= view.right; key++) {
      const here = key < view.right && reaches(reach, row, key);
      if (here && from < 0) from = key;
      if (!here && from >= 0) {
        under.push(run(row, from, key));
        from = -1;
      }
    }
  }
  return path(under, labColor("light", "reach")) + path(kept, labColor("light", "kept"));
}

interface Label {
  readonly token: number;
  readonly text: string;
  readonly query: boolean;
  readonly key: boolean;
}

/** The tokens' names where there is room; else the numbers of the first and the last. */
function labelled({ view, names }: Still): Label[] {
  const [first, last] = [Math.min(view.top, view.left), Math.max(view.bottom, view.right)];
  const all = view.bottom - view.top <= NAMED_MOST;
  const labels: Label[] = [];
  const put = (token: number) => {
    const query = token >= view.top && token < view.bottom;
    const key = token >= view.left && token < view.right;
    const name = names[token];
    const text = name === undefined ? String(token) : clipped(visible(name), 14);
    if (query || key) labels.push({ token, text, query, key });
  };
  if (all && names.length > 0) for (let token = first; token < last; token++) put(token);
  else
    for (const token of new Set([view.top, view.left, view.bottom - 1, view.right - 1])) {
      const [query, key] = [
        token === view.top || token === view.bottom - 1,
        token === view.left || token === view.right - 1,
      ];
      labels.push({ token, text: String(token), query, key });
    }
  return labels;
}

/** Lines of at most `most` letters, broken where a mask's text has a space. */
function wrapped(text: string, most: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > most && lines.length < LINES_MOST - 1) {
    const space = rest.lastIndexOf(" ", most);
    const cut = space > most / 2 ? space : most;
    lines.push(rest.slice(0, cut));
    rest = rest.slice(cut).trimStart();
  }
  return [...lines, clipped(rest, most)];
}

/** Wide letters take the room of two. */
function lengthOf(text: string): number {
  let length = 0;
  for (const c of text) length += c.codePointAt(0)! > 0x2e7f ? 1.8 : 1;
  return length;
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}
