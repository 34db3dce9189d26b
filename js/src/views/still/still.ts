/** What the widget shows as an SVG text that stands alone: title, pictures, legend and sources. */

import { escaped, whole } from "../../text/xml";
import { FONT, INK } from "../canvas";
import { Fills } from "./fills";
import { PagePieces, type Piece } from "./page";
import { round, textSvg } from "./words";

export interface About {
  readonly title: string;
  /** Lines below the title, and where it all comes from, below the pictures. */
  readonly under: readonly string[];
  readonly sources: readonly string[];
  /** The same for programs. */
  readonly data: unknown;
  readonly theme: "light" | "dark";
  readonly lang: string;
}

const PAD = 20;
/** No more than this is left free between two things, where controls have stood. */
const APART = 16;
const GUTTER = 24;
const LEAST = 340;
const LINE = 15;

/** Draw what some columns of the page hold, each below its own, side by side as they stand. */
export function still(columns: readonly Element[], about: About, ratio: number): string {
  const fills = new Fills();
  const ink = INK[about.theme];
  const boxes = columns.map((column) => column.getBoundingClientRect());
  const beside = boxes.length < 2 || boxes[1]!.left > boxes[0]!.left + 1;
  const room =
    columns.length > 0
      ? Math.max(...boxes.map((box) => box.right)) - Math.min(...boxes.map((box) => box.left))
      : 0;
  const under = about.under.flatMap((line) => wrapped(line, Math.max(room, LEAST) / 1.15));
  let [x, y, below, right] = [PAD, PAD + 34 + LINE * under.length, 0, LEAST];
  const drawn = columns.map((column, i) => {
    const box = boxes[i]!;
    const page = new PagePieces(fills, ratio, box);
    page.add(column);
    const { svg, height } = closed(page.pieces);
    const at = `<g transform="translate(${x} ${y})">${svg}</g>`;
    below = Math.max(below, y + height);
    right = Math.max(right, x + box.width);
    if (beside) x += Math.ceil(box.width) + GUTTER;
    else y += Math.ceil(height) + GUTTER;
    return at;
  });
  const width = Math.ceil(right + PAD);
  const said = about.sources.flatMap((line) => wrapped(line, width - 2 * PAD));
  const height = Math.ceil(below + GUTTER + LINE * said.length + PAD / 2);
  const write = (text: string, top: number, font: string, color: string) =>
    textSvg({
      text,
      font: `${font} ${FONT}`,
      color,
      anchor: "start",
      matrix: [1, 0, 0, 1, PAD, top],
      opacity: 1,
      pressed: null,
    });
  const words = [
    write(wrapped(about.title, (width - 2 * PAD) / 1.6)[0]!, PAD + 12, "600 16px", ink.text),
    ...under.map((line, i) => write(line, PAD + 32 + LINE * i, "400 12px", ink.quiet)),
    ...said.map((line, i) =>
      write(line, below + GUTTER + LINE * (i + 0.5), "400 10.5px", ink.quiet),
    ),
  ];
  return whole(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" xml:lang="${about.lang}" role="img">` +
      `<title>${escaped(about.title)}</title><desc>${escaped([...about.under, ...about.sources].join(". "))}</desc>` +
      `<metadata>${escaped(JSON.stringify(about.data))}</metadata>${fills.defs}` +
      `<rect width="100%" height="100%" fill="${ink.paper}"/>${words.join("")}${drawn.join("")}</svg>`,
  );
}

/** Move pieces up to where controls between them have stood. */
export function closed(pieces: readonly Piece[]): {
  readonly svg: string;
  readonly height: number;
} {
  const spans: { top: number; bottom: number }[] = [];
  for (const { top, bottom } of [...pieces].sort((a, b) => a.top - b.top)) {
    const last = spans.at(-1);
    if (last && top <= last.bottom) last.bottom = Math.max(last.bottom, bottom);
    else spans.push({ top, bottom });
  }
  const moved: { readonly top: number; readonly bottom: number; readonly by: number }[] = [];
  let end = 0;
  for (const { top, bottom } of spans) {
    const before = moved.at(-1);
    const free = before ? Math.min(APART, top - before.bottom) : 0;
    moved.push({ top, bottom, by: end + free - top });
    end += free + bottom - top;
  }
  const svg = pieces.map(({ top, svg }) => {
    const { by } = moved.findLast((span) => span.top <= top)!;
    return `<g transform="translate(0 ${round(by)})">${svg}</g>`;
  });
  return { svg: svg.join(""), height: end };
}

/** Lines of small letters that fit a width, broken at spaces where there are any. */
export function wrapped(text: string, width: number): string[] {
  const most = Math.max(20, Math.floor(width / 5.6));
  const lines: string[] = [];
  let line = "";
  let length = 0;
  for (const word of text.match(/\S+\s*|\s+/gu) ?? [""])
    for (const part of word.length > most ? [...word] : [word]) {
      const own = lengthOf(part);
      if (length + own > most && line) {
        lines.push(line.trimEnd());
        [line, length] = ["", 0];
      }
      line += part;
      length += own;
    }
  return [...lines, line.trimEnd()];
}

/** Wide letters take the room of two. */
function lengthOf(text: string): number {
  let length = 0;
  for (const c of text) length += c.codePointAt(0)! > 0x2e7f ? 1.9 : 1;
  return length;
}
