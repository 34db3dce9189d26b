import type { Theme } from "../../draw/color";
import { density, type Window } from "../../draw/density";
import { type Reach, reaches } from "../../masks/reach";
import type { RowSource } from "../../masks/rows";
import { INKS } from "./colors";

/** Rows read under one pixel of a long mask. */
export const ROWS_READ = 24;
/** A lone kept pair under a pixel must be seen: any share shows at a fifth of full strength. */
const FAINTEST = 0.2;

/** Part of a mask as `size` × `size` pixels, opaque; under it, what further layers reach. */
export function pixels(
  mask: RowSource,
  view: Window,
  reach: Reach | null,
  size: number,
  theme: Theme,
): ImageData {
  const image = new ImageData(size, size);
  const { shares } = density(mask, view, size, size, ROWS_READ);
  const under = reach && reached(reach, view, size);
  const { kept, none, reach: further } = INKS[theme];
  for (let i = 0; i < shares.length; i++) {
    const share = shares[i]! > 0 ? FAINTEST + (1 - FAINTEST) * shares[i]! : 0;
    const base = under?.[i] ? further : none;
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = base[c]! * (1 - share) + kept[c]! * share;
    image.data[4 * i + 3] = 255;
  }
  return image;
}

/** The same as an image's address, for a picture that stands alone. */
export function pixelsUrl(...what: Parameters<typeof pixels>): string {
  const image = pixels(...what);
  const canvas = document.createElement("canvas");
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext("2d")?.putImageData(image, 0, 0);
  return canvas.toDataURL("image/png");
}

/** Which pixels lie on a pair that the stacked layers reach. */
function reached(reach: Reach, { top, left, bottom }: Window, size: number): Uint8Array {
  const per = (bottom - top) / size;
  const out = new Uint8Array(size * size);
  for (let y = 0; y < size; y++) {
    const q = top + Math.floor(y * per);
    for (let x = 0; x < size; x++)
      if (reaches(reach, q, left + Math.floor(x * per))) out[y * size + x] = 1;
  }
  return out;
}
