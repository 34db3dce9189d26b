import { css, pack, type Rgb } from "../draw/color";

const SIDE = 4;

const tiles = new Map<string, OffscreenCanvas>();
const patterns = new WeakMap<CanvasRenderingContext2D, Map<string, CanvasPattern>>();

/**
 * Fill with a colour in a pattern, for eyes that see no colour: a tile of four rows, `#` in full
 * and the rest `pale`.
 */
export function patternFill(
  ctx: CanvasRenderingContext2D,
  rows: readonly string[],
  full: Rgb,
  pale: Rgb,
  ratio: number,
): CanvasPattern | string {
  const key = `${rows.join()} ${pack(full)} ${pack(pale)}`;
  const own = patterns.get(ctx) ?? new Map<string, CanvasPattern>();
  patterns.set(ctx, own);
  const pattern = own.get(key) ?? ctx.createPattern(tile(key, rows, full, pale), "repeat");
  if (!pattern) return css(full);
  own.set(key, pattern);
  // a pattern's pixels are the canvas's own
  pattern.setTransform(new DOMMatrix().scale(Math.max(1, Math.round(ratio)) / ratio));
  return pattern;
}

/** A colour with only `share` of it left on `paper`. */
export function paled(full: Rgb, paper: Rgb, share: number): Rgb {
  const mix = (c: 0 | 1 | 2) => Math.round(full[c] * share + paper[c] * (1 - share));
  return [mix(0), mix(1), mix(2)];
}

function tile(key: string, rows: readonly string[], full: Rgb, pale: Rgb): OffscreenCanvas {
  const known = tiles.get(key);
  if (known) return known;
  const made = new OffscreenCanvas(SIDE, SIDE);
  const ctx = made.getContext("2d")!;
  const image = ctx.createImageData(SIDE, SIDE);
  const pixels = new Uint32Array(image.data.buffer);
  rows.forEach((row, y) => {
    for (let x = 0; x < SIDE; x++) pixels[y * SIDE + x] = pack(row[x] === "#" ? full : pale);
  });
  ctx.putImageData(image, 0, 0);
  tiles.set(key, made);
  return made;
}
