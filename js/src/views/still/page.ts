/** What a part of the page shows, as pieces of an SVG: pictures as pictures, words as words. */

import { type Fills, seen } from "./fills";
import { record } from "./recorder";
import { inlined } from "./shapes";
import { round, textSvg } from "./words";

/** Something drawn between two heights. */
export interface Piece {
  readonly top: number;
  readonly bottom: number;
  readonly svg: string;
}

/** What is there to be used and not to be seen. */
const CONTROLS =
  "button, input, select, textarea, fieldset, [role=toolbar], [role=status], nav, label, " +
  "details, .attnw-hush, .attnw-controls, .attnw-sorting, .attnw-shown, .attnw-tuning, " +
  ".attnw-cut, .attnw-hint, .attnw-row, .attnw-matrix-tools, .attnw-chips, .attnw-tabled > .attnw-line, .attnw-depth > .attnw-line, .attnw-stepper";
/** Buttons that are tokens of the text, or name a column. */
const TOKENS = ".attnw-flow > button, .attnw-lines button, th > button, button > *";

export class PagePieces {
  readonly pieces: Piece[] = [];

  constructor(
    readonly fills: Fills,
    /** Pixels to each pixel of a canvas. */
    readonly ratio: number,
    /** The corner that all places are counted from. */
    readonly from: DOMRect,
  ) {}

  add(el: Element, clip: DOMRect | null = null): void {
    if (el.matches(CONTROLS) && !el.matches(TOKENS)) return;
    const style = getComputedStyle(el);
    if (style.display === "none" || style.visibility === "hidden" || style.opacity === "0") return;
    const box = el.getBoundingClientRect();
    if (el instanceof HTMLCanvasElement) {
      this.#canvas(el, box, clip);
      return;
    }
    if (el instanceof SVGSVGElement) {
      this.#put(box, inlined(el, box, this.from), clip);
      return;
    }
    this.#paper(style, box, clip);
    const cuts = style.overflow !== "visible" && box.width > 0;
    const within = cuts ? crossing(box, clip) : clip;
    for (const child of el.childNodes) {
      if (child instanceof Element) this.add(child, within);
      else if (child instanceof Text) this.#text(child, style, within);
    }
  }

  #canvas(canvas: HTMLCanvasElement, box: DOMRect, clip: DOMRect | null): void {
    const made = record(canvas, this.ratio);
    const [x, y] = [box.left - this.from.left, box.top - this.from.top];
    const image = made ? made.image : canvas.toDataURL();
    const [width, height] = made ? [made.width, made.height] : [box.width, box.height];
    const scale = box.width / width || 1;
    this.#put(
      box,
      `<g transform="translate(${round(x)} ${round(y)}) scale(${round(scale)})">` +
        `<image width="${round(width)}" height="${round(height)}" preserveAspectRatio="none" style="image-rendering:pixelated" href="${image}"/>${made?.words ?? ""}</g>`,
      clip,
    );
  }

  #paper(style: CSSStyleDeclaration, box: DOMRect, clip: DOMRect | null): void {
    const [x, y] = [box.left - this.from.left, box.top - this.from.top];
    const fill = this.fills.of(style);
    const edge = Number.parseFloat(style.borderTopWidth) || 0;
    const around =
      edge > 0 &&
      [style.borderBottomWidth, style.borderLeftWidth].every(
        (own) => Number.parseFloat(own) === edge,
      );
    const frame = around && style.borderTopStyle !== "none" && seen(style.borderTopColor);
    const ring = /^(rgba?\([^)]*\)) 0px 0px 0px ([\d.]+)px inset$/.exec(style.boxShadow);
    const line = ring
      ? ` stroke="${ring[1]}" stroke-width="${ring[2]}"`
      : frame
        ? ` stroke="${style.borderTopColor}" stroke-width="${edge}"`
        : "";
    if (box.width > 0 && box.height > 0 && (fill !== null || line)) {
      const inset = line ? (ring ? Number(ring[2]) : edge) / 2 : 0;
      const radius = Number.parseFloat(style.borderTopLeftRadius) || 0;
      // A gradient that repeats begins at the corner of what it fills.
      this.#put(
        box,
        `<rect transform="translate(${round(x + inset)} ${round(y + inset)})" width="${round(box.width - 2 * inset)}" height="${round(box.height - 2 * inset)}" rx="${radius}" fill="${fill ?? "none"}"${line}/>`,
        clip,
      );
    }
    if (around) return;
    const sides = [
      [
        style.borderBottomWidth,
        style.borderBottomStyle,
        style.borderBottomColor,
        x,
        y + box.height,
        box.width,
        0,
      ],
      [style.borderTopWidth, style.borderTopStyle, style.borderTopColor, x, y, box.width, 0],
      [style.borderLeftWidth, style.borderLeftStyle, style.borderLeftColor, x, y, 0, box.height],
      [
        style.borderRightWidth,
        style.borderRightStyle,
        style.borderRightColor,
        x + box.width,
        y,
        0,
        box.height,
      ],
    ] as const;
    for (const [thick, kind, color, left, top, dx, dy] of sides)
      if (Number.parseFloat(thick) > 0 && kind !== "none" && seen(color))
        this.#put(
          box,
          `<path d="M${round(left)} ${round(top)}l${round(dx)} ${round(dy)}" stroke="${color}" stroke-width="${Number.parseFloat(thick)}"${kind === "dashed" ? ' stroke-dasharray="3 3"' : ""}/>`,
          clip,
        );
  }

  #text(node: Text, style: CSSStyleDeclaration, clip: DOMRect | null): void {
    if (!node.data.trim()) return;
    const zoom = (node.parentElement as HTMLElement).currentCSSZoom ?? 1;
    const size = Number.parseFloat(style.fontSize) * zoom;
    const font = `${style.fontStyle === "italic" ? "italic " : ""}${style.fontWeight} ${size}px ${style.fontFamily}`;
    for (const { text, box } of linesOf(node)) {
      const rtl = style.direction === "rtl";
      const x = (rtl ? box.right : box.left) - this.from.left;
      const y = box.top - this.from.top + box.height * BASELINE;
      this.#put(
        box,
        textSvg({
          text,
          font,
          color: style.color,
          anchor: "start",
          matrix: [1, 0, 0, 1, x, y],
          opacity: 1,
          pressed: null,
          rtl,
        }),
        clip,
      );
    }
  }

  #put(box: DOMRect, svg: string, clip: DOMRect | null): void {
    const top = box.top - this.from.top;
    if (!clip) {
      this.pieces.push({ top, bottom: top + box.height, svg });
      return;
    }
    const shown = crossing(box, clip);
    if (shown.width <= 0 || shown.height <= 0) return;
    const start = shown.top - this.from.top;
    const whole = shown.width >= box.width - 1 && shown.height >= box.height - 1;
    const cut = () =>
      this.fills.clip(shown.left - this.from.left, start, shown.width, shown.height);
    this.pieces.push({
      top: start,
      bottom: start + shown.height,
      svg: whole ? svg : `<g clip-path="url(#${cut()})">${svg}</g>`,
    });
  }
}

/** Where letters stand in the height of their line, for most fonts. */
const BASELINE = 0.79;

function crossing(one: DOMRect, other: DOMRect | null): DOMRect {
  if (!other) return one;
  const left = Math.max(one.left, other.left);
  const top = Math.max(one.top, other.top);
  const [right, bottom] = [Math.min(one.right, other.right), Math.min(one.bottom, other.bottom)];
  return new DOMRect(left, top, Math.max(0, right - left), Math.max(0, bottom - top));
}

/** The lines that a run of text was broken into. */
function linesOf(node: Text): { readonly text: string; readonly box: DOMRect }[] {
  const range = document.createRange();
  range.selectNodeContents(node);
  const all = [...range.getClientRects()].filter(({ width }) => width > 0);
  const tidy = (text: string) => text.replace(/\s+/g, " ").trim();
  if (all.length <= 1) {
    // A space at either end has a width, but a line of an SVG begins with its first letter.
    const first = node.data.search(/\S/);
    range.setStart(node, first);
    range.setEnd(node, node.data.trimEnd().length);
    return all.map(() => ({ text: tidy(node.data), box: range.getBoundingClientRect() }));
  }
  const lines: { text: string; box: DOMRect }[] = [];
  for (const { segment, index } of new Intl.Segmenter().segment(node.data)) {
    range.setStart(node, index);
    range.setEnd(node, index + segment.length);
    const box = range.getBoundingClientRect();
    if (box.width === 0) continue;
    const last = lines.at(-1);
    if (!segment.trim() && !last) continue;
    if (last && Math.abs(last.box.top - box.top) < box.height / 2) {
      const left = Math.min(last.box.left, box.left);
      const right = Math.max(last.box.right, box.right);
      last.text += segment;
      last.box = new DOMRect(left, last.box.top, right - left, last.box.height);
    } else lines.push({ text: segment, box });
  }
  return lines
    .map(({ text, box }) => ({ text: tidy(text), box }))
    .filter(({ text }) => text !== "");
}
