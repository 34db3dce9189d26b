import type { Theme } from "../../draw/color";
import { Density, type Window } from "../../draw/density";
import { type Reach, reaches } from "../../masks/reach";
import type { RowSource } from "../../masks/rows";
import { INKS } from "./colors";

/** Rows read under one pixel of a long mask at most, and runs of keys in the whole picture. */
export const ROWS_READ = 24;
const RUNS_READ = 3_000_000;
/** A lone kept pair that is read must be seen: any share shows at a third of full strength or more. */
const FAINTEST = 0.35;
/** Steps from no pair kept to all; a share a little above 1 by rounding is all, too. */
const SHADES = 250;

/** What is drawn of a mask; under it, what further layers reach. */
export interface Scene {
  readonly mask: RowSource;
  readonly view: Window;
  readonly reach: Reach | null;
  readonly theme: Theme;
  /** Keys of each row, where they are counted. */
  readonly degrees: Int32Array | null;
}

/** Paints `size` × `size` pixels, opaque, a row of them at a time. */
export class Painter {
  readonly image: ImageData;
  readonly #pixels: Uint32Array;
  readonly #inks: readonly [none: Uint32Array, reached: Uint32Array];
  readonly #density: Density;
  #row = 0;

  constructor(
    readonly scene: Scene,
    readonly size: number,
  ) {
    const { mask, view, degrees, theme } = scene;
    const { kept, none, reach } = INKS[theme];
    this.image = new ImageData(size, size);
    this.#pixels = new Uint32Array(this.image.data.buffer);
    this.#inks = [shades(none, kept), shades(reach, kept)];
    this.#pixels.fill(this.#inks[0][0]!);
    this.#density = new Density(mask, view, size, size, rowsRead(mask, view, size), degrees);
  }

  /** Paint a row; true once all are. */
  more(): boolean {
    const { scene, size } = this;
    const { view, reach } = scene;
    const [plain, further] = this.#inks;
    const y = this.#row++;
    const shares = this.#density.row(y);
    const per = (view.bottom - view.top) / size;
    const query = view.top + Math.floor(y * per);
    for (let x = 0; x < size; x++) {
      const under = reach && reaches(reach, query, view.left + Math.floor(x * per));
      this.#pixels[y * size + x] = (under ? further : plain)[Math.ceil(SHADES * shares[x]!)]!;
    }
    return this.#row === size;
  }
}

/** Pixels from one color to another, as they lie in an image. */
function shades(from: readonly number[], to: readonly number[]): Uint32Array {
  const bytes = new Uint8ClampedArray(4 * (SHADES + 2));
  for (let level = 0; level <= SHADES + 1; level++) {
    const share = level > 0 ? Math.min(1, FAINTEST + ((1 - FAINTEST) * level) / SHADES) : 0;
    for (let c = 0; c < 3; c++) bytes[4 * level + c] = from[c]! * (1 - share) + to[c]! * share;
    bytes[4 * level + 3] = 255;
  }
  return new Uint32Array(bytes.buffer);
}

/** Fewer rows where each has many runs of keys: the middle one tells. */
function rowsRead(mask: RowSource, { top, bottom }: Window, size: number): number {
  let runs = 1;
  const middle = (top + bottom) >> 1;
  mask.forEachRow(
    (_, _list, end) => {
      runs = Math.max(1, end >> 1);
    },
    middle,
    middle + 1,
  );
  return Math.min(ROWS_READ, Math.max(1, Math.floor(RUNS_READ / (size * runs))));
}

/** A painted scene as an image's address, for a picture that stands alone. */
export function pixelsUrl(scene: Scene, size: number): string {
  const painter = new Painter(scene, size);
  while (!painter.more());
  const canvas = document.createElement("canvas");
  canvas.width = size;
  canvas.height = size;
  canvas.getContext("2d")?.putImageData(painter.image, 0, 0);
  return canvas.toDataURL("image/png");
}
