/** Drawing a canvas once more with its words kept as words. */

import { drawAgain, type Recording } from "../canvas";
import { textSvg, type Written } from "./words";

/** What a canvas shows, without its words, as an image's address; and the words above it. */
export interface Recorded {
  readonly width: number;
  readonly height: number;
  readonly image: string;
  readonly words: string;
}

/** Draw it with `ratio` pixels to each of its own; null where nothing is drawn on it by itself. */
export function record(canvas: HTMLCanvasElement, ratio: number): Recorded | null {
  const off = document.createElement("canvas");
  const ctx = off.getContext("2d");
  if (!ctx) return null;
  const written: Written[] = [];
  let size: readonly [number, number] = [0, 0];
  const recording: Recording = (width, height) => {
    size = [width, height];
    off.width = Math.round(width * ratio);
    off.height = Math.round(height * ratio);
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    return { ctx: wordsApart(ctx, ratio, written), ratio, recorded: true };
  };
  if (!drawAgain(canvas, recording) || size[0] <= 0) return null;
  const [width, height] = size;
  return { width, height, image: off.toDataURL(), words: written.map(textSvg).join("") };
}

/** A context that draws all but words, which it writes down; what is drawn over them covers them. */
function wordsApart(
  ctx: CanvasRenderingContext2D,
  ratio: number,
  written: Written[],
): CanvasRenderingContext2D {
  const clips = new Clips();
  const own: Partial<Record<string, unknown>> = {
    fillText(text: string, x: number, y: number, most?: number) {
      const at = ctx.getTransform().translate(x, y + toBaseline(ctx, text));
      if (!clips.shows(ctx.getTransform().transformPoint({ x, y }))) return;
      const { width } = ctx.measureText(text);
      written.push({
        text,
        font: ctx.font,
        color: typeof ctx.fillStyle === "string" ? ctx.fillStyle : "#808080",
        anchor: ANCHORS[ctx.textAlign] ?? "start",
        matrix: [at.a, at.b, at.c, at.d, at.e, at.f].map((part) => part / ratio),
        opacity: ctx.globalAlpha,
        pressed: most !== undefined && width > most ? most : null,
      });
    },
    fillRect(x: number, y: number, width: number, height: number) {
      ctx.fillRect(x, y, width, height);
      cover(ctx, ratio, written, [x, y, width, height]);
    },
    rect(x: number, y: number, width: number, height: number) {
      ctx.rect(x, y, width, height);
      clips.path(ctx.getTransform(), x, y, width, height);
    },
    clip() {
      ctx.clip();
      clips.clip();
    },
    save() {
      ctx.save();
      clips.save();
    },
    restore() {
      ctx.restore();
      clips.restore();
    },
  };
  return new Proxy(ctx, {
    get(target, name) {
      const made = own[name as string];
      if (made) return made;
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
    set(target, name, value) {
      return Reflect.set(target, name, value, target);
    },
  });
}

const ANCHORS: Partial<Record<CanvasTextAlign, Written["anchor"]>> = {
  center: "middle",
  right: "end",
  end: "end",
};

/** From where a text is put to the line its letters stand on. */
function toBaseline(ctx: CanvasRenderingContext2D, text: string): number {
  const { textBaseline } = ctx;
  if (textBaseline === "alphabetic") return 0;
  const put = ctx.measureText(text).fontBoundingBoxAscent;
  ctx.textBaseline = "alphabetic";
  const stands = ctx.measureText(text).fontBoundingBoxAscent;
  ctx.textBaseline = textBaseline;
  return stands - put;
}

/** Words under a rectangle are hidden by it, or grow pale under a translucent one. */
function cover(
  ctx: CanvasRenderingContext2D,
  ratio: number,
  written: Written[],
  [x, y, width, height]: readonly [number, number, number, number],
): void {
  const matrix = ctx.getTransform();
  const [from, to] = [
    matrix.transformPoint({ x, y }),
    matrix.transformPoint({ x: x + width, y: y + height }),
  ];
  for (let i = written.length - 1; i >= 0; i--) {
    const { matrix: at, opacity } = written[i]!;
    const [left, top] = [at[4]! * ratio, at[5]! * ratio];
    if (left < from.x || left > to.x || top < from.y || top > to.y) continue;
    if (ctx.globalAlpha === 1) written.splice(i, 1);
    else written[i] = { ...written[i]!, opacity: opacity * (1 - ctx.globalAlpha) };
  }
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The rectangles that drawing is confined to, in pixels. */
class Clips {
  #now: Box | null = null;
  #path: Box | null = null;
  readonly #saved: (Box | null)[] = [];

  path(matrix: DOMMatrix, x: number, y: number, width: number, height: number): void {
    const from = matrix.transformPoint({ x, y });
    const to = matrix.transformPoint({ x: x + width, y: y + height });
    this.#path = { left: from.x, top: from.y, right: to.x, bottom: to.y };
  }

  clip(): void {
    const [now, path] = [this.#now, this.#path];
    if (!path) return;
    this.#now = now
      ? {
          left: Math.max(now.left, path.left),
          top: Math.max(now.top, path.top),
          right: Math.min(now.right, path.right),
          bottom: Math.min(now.bottom, path.bottom),
        }
      : path;
  }

  shows({ x, y }: DOMPoint): boolean {
    const now = this.#now;
    return !now || (x >= now.left && x <= now.right && y >= now.top && y <= now.bottom);
  }

  save(): void {
    this.#saved.push(this.#now);
  }

  restore(): void {
    this.#now = this.#saved.pop() ?? null;
  }
}
