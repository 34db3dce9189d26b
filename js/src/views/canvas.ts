import { type ReadonlySignal, signal } from "@preact/signals";
import { createContext, type RefObject } from "preact";
import { useContext, useLayoutEffect, useRef } from "preact/hooks";

export interface Brush {
  readonly ctx: CanvasRenderingContext2D;
  /** Device pixels per CSS pixel. */
  readonly ratio: number;
  /** Whether words are written down and not drawn; then all is to be drawn through this brush. */
  readonly recorded?: boolean;
}

/** Hands out the brush, for a canvas of some size, that a drawing is recorded with. */
export type Recording = (width: number, height: number) => Brush;

/** How each canvas is drawn as it is now, and what records those that are drawn once more. */
const drawers = new WeakMap<HTMLCanvasElement, (canvas: HTMLCanvasElement) => void>();
const recordings = new WeakMap<HTMLCanvasElement, Recording>();

/** Draw what a canvas shows with another brush; false where it is not drawn by {@link useFrame}. */
export function drawAgain(canvas: HTMLCanvasElement, recording: Recording): boolean {
  const draw = drawers.get(canvas);
  if (!draw) return false;
  recordings.set(canvas, recording);
  try {
    draw(canvas);
  } finally {
    recordings.delete(canvas);
  }
  return true;
}

/**
 * Size a canvas in CSS pixels and hand out a brush that draws in them. A canvas of no width is off
 * screen (hosts detach and hide cells): it keeps what it shows.
 */
export function brush(canvas: HTMLCanvasElement, width: number, height: number): Brush | null {
  if (width <= 0 || height <= 0) return null;
  const recording = recordings.get(canvas);
  if (recording) return recording(width, height);
  const ratio = (window.devicePixelRatio || 1) * (canvas.currentCSSZoom ?? 1);
  const ctx = canvas.getContext("2d");
  if (!ctx) return null;
  const [pixels, lines] = [Math.round(width * ratio), Math.round(height * ratio)];
  // A new size, even the same one, makes the browser allocate the picture anew.
  if (canvas.width === pixels && canvas.height === lines) ctx.reset();
  else {
    canvas.width = pixels;
    canvas.height = lines;
  }
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  return { ctx, ratio };
}

/** Count drawings where a test can see them. */
export function counted(canvas: HTMLCanvasElement): void {
  canvas.dataset.drawn = String(Number(canvas.dataset.drawn ?? 0) + 1);
}

/** Where on its canvas a pointer is, in the pixels it is drawn in, whatever it is enlarged by. */
export function pointOn(canvas: HTMLCanvasElement, event: MouseEvent): [number, number] {
  const box = canvas.getBoundingClientRect();
  const shrunk = Number.parseFloat(canvas.style.width) / box.width;
  return [(event.clientX - box.left) * shrunk, (event.clientY - box.top) * shrunk];
}

/** Whether the view that a picture belongs to can be seen; a page's views are drawn as they come. */
export const OnScreen = createContext<ReadonlySignal<boolean>>(signal(true));

/**
 * Draw at once what is new on the page, and then once per frame at most, however many things changed
 * in it; what changes out of sight is drawn when it comes into view.
 */
export function useFrame(
  draw: (canvas: HTMLCanvasElement) => void,
  inputs: readonly unknown[],
): RefObject<HTMLCanvasElement | null> {
  const ref = useRef<HTMLCanvasElement>(null);
  const drawn = useRef<readonly unknown[] | null>(null);
  const seen = useContext(OnScreen).value;
  useLayoutEffect(() => {
    if (ref.current) drawers.set(ref.current, draw);
  });
  // Before the browser paints: an effect that comes after would draw a frame later.
  useLayoutEffect(() => {
    const canvas = ref.current;
    if (!canvas || !seen || drawn.current?.every((input, at) => input === inputs[at])) return;
    const paint = () => {
      drawn.current = inputs;
      draw(canvas);
    };
    if (!drawn.current) {
      paint();
      return;
    }
    const frame = requestAnimationFrame(paint);
    return () => cancelAnimationFrame(frame);
  }, [...inputs, seen]);
  return ref;
}

export interface Ink {
  readonly text: string;
  readonly quiet: string;
  readonly line: string;
  readonly track: string;
  readonly paper: string;
  readonly accent: string;
}

export const INK: Record<"light" | "dark", Ink> = {
  light: {
    text: "#242933",
    quiet: "#5b6472",
    line: "#c9ced8",
    track: "#e3e6ec",
    paper: "#ffffff",
    accent: "#1f5fbf",
  },
  dark: {
    text: "#e2e5ec",
    quiet: "#a0a7b5",
    line: "#3d424e",
    track: "#2b2f39",
    paper: "#111217",
    accent: "#8ab8ff",
  },
};

export const FONT =
  'system-ui, -apple-system, "Segoe UI", "Noto Sans", "Noto Sans CJK JP", "Hiragino Sans", "Yu Gothic UI", sans-serif';
