/** Backgrounds of a page as fills of an SVG. */

import { round } from "./words";

/** Definitions that fills refer to, by the order of their making. */
export class Fills {
  readonly #made: string[] = [];

  get defs(): string {
    return this.#made.length > 0 ? `<defs>${this.#made.join("")}</defs>` : "";
  }

  /** The fill for what CSS gives as an element's background; null where there is none. */
  of({ backgroundColor, backgroundImage }: CSSStyleDeclaration): string | null {
    if (backgroundImage.includes("gradient(")) return this.#gradient(backgroundImage);
    return seen(backgroundColor) ? backgroundColor : null;
  }

  clip(x: number, y: number, width: number, height: number): string {
    const shape = `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"/>`;
    return this.#add((id) => `<clipPath id="${id}">${shape}</clipPath>`);
  }

  #gradient(css: string): string | null {
    const stops = [...css.matchAll(/(rgba?\([^)]*\))\s*([\d.]+px)?\s*([\d.]+px)?/g)].flatMap(
      ([, color, from, to]) => [
        { color: color!, at: from ? Number.parseFloat(from) : null },
        ...(to ? [{ color: color!, at: Number.parseFloat(to) }] : []),
      ],
    );
    if (stops.length === 0) return null;
    if (css.startsWith("radial")) return this.#dots(stops.map(({ color }) => color));
    const repeats = css.startsWith("repeating");
    const most = stops.at(-1)!.at ?? 1;
    const marks = stops.map(({ color, at }, i) => {
      const offset = repeats ? (at ?? (i === 0 ? 0 : most)) / most : i / (stops.length - 1);
      return `<stop offset="${round(offset)}" stop-color="${color}"/>`;
    });
    const turn = (Number.parseFloat(/([\d.-]+)deg/.exec(css)?.[1] ?? "90") * Math.PI) / 180;
    const end = [most * Math.sin(turn), -most * Math.cos(turn)].map(round);
    const way = repeats
      ? ` gradientUnits="userSpaceOnUse" x1="0" y1="0" x2="${end[0]}" y2="${end[1]}" spreadMethod="repeat"`
      : "";
    const gradient = (id: string) =>
      `<linearGradient id="${id}"${way}>${marks.join("")}</linearGradient>`;
    return `url(#${this.#add(gradient)})`;
  }

  #dots([full = "#888", faint = "none"]: readonly string[]): string {
    const size = 4;
    const dot = `<rect width="${size}" height="${size}" fill="${faint}"/><circle cx="1" cy="1" r="1" fill="${full}"/>`;
    const pattern = (id: string) =>
      `<pattern id="${id}" width="${size}" height="${size}" patternUnits="userSpaceOnUse">${dot}</pattern>`;
    return `url(#${this.#add(pattern)})`;
  }

  #add(make: (id: string) => string): string {
    const id = `attnw-${this.#made.length}`;
    this.#made.push(make(id));
    return id;
  }
}

/** Whether a computed colour can be seen. */
export function seen(color: string): boolean {
  if (color === "transparent") return false;
  const alpha = /[/,]\s*([\d.]+)\)$/.exec(color);
  return !(color.startsWith("rgba") || color.includes("/")) || Number(alpha?.[1] ?? 1) > 0;
}
