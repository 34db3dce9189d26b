import { keyTokens } from "../data/decode";
import type { PatchesInfo, RecordInfo, TokenInfo } from "../data/types";
import { canvasPixels, patchesOf, spotOf } from "../draw/patches";
import { clipped } from "../text/numbers";
import { isolated, visible } from "../text/tokens";
import type { ViewState } from "./state";

/** The picture of a record, as it came and in grey, in its own pixels. */
export interface Bitmaps {
  readonly color: OffscreenCanvas;
  readonly grey: OffscreenCanvas;
}

const made = new WeakMap<DataView, Bitmaps>();

/** The picture that the patches on show are of; null without one. */
export function bitmaps(state: ViewState): Bitmaps | null {
  const { patches } = state.store.traits._record.value;
  const bytes = state.store.traits._pixels.value;
  if (!patches) return null;
  const [width, height] = [patches.columns * patches.width, patches.rows * patches.height];
  if (bytes.byteLength !== width * height * 3) return null;
  const ready = made.get(bytes);
  if (ready) return ready;
  const drawn = (grey: boolean) => {
    const canvas = new OffscreenCanvas(width, height);
    const rgb = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    canvas
      .getContext("2d")
      ?.putImageData(new ImageData(canvasPixels(rgb, grey), width, height), 0, 0);
    return canvas;
  };
  const both = { color: drawn(false), grey: drawn(true) };
  made.set(bytes, both);
  return both;
}

/** Draw what one token shows into a square; says whether it shows anything. */
export function drawThumb(
  ctx: CanvasRenderingContext2D,
  picture: OffscreenCanvas,
  patches: PatchesInfo,
  at: number,
  [x, y, size]: readonly [number, number, number],
): boolean {
  const spot = spotOf(patches, at);
  if (!spot) return false;
  const { width, height } = patches;
  ctx.drawImage(
    picture,
    spot.column * width,
    spot.row * height,
    width,
    height,
    Math.round(x),
    Math.round(y),
    size,
    size,
  );
  return true;
}

/** A token as it is called in a sentence: its text, or where in the picture it is. */
export function called(state: ViewState, ofKeys: boolean, at: number): string {
  const info = state.info.value;
  const patches = patchesOf(info, ofKeys);
  const spot = patches && spotOf(patches, at);
  if (spot) return state.words.value.patches.name(spot.row, spot.column);
  return isolated(clipped(visible(tokensOf(info, ofKeys)[at]!.text), 40));
}

function tokensOf(info: RecordInfo, ofKeys: boolean): readonly TokenInfo[] {
  return ofKeys ? keyTokens(info) : info.tokens;
}
