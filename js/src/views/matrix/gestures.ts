import type { Zoom } from "../../data/types";
import { hitMatrix, type MatrixLayout, placeAt } from "../../draw/matrix";
import { panned, zoomed } from "../../draw/zoom";
import { pointOn } from "../canvas";

/** Pixels a pointer moves before it drags. */
const SLACK = 4;
/** One turn of a wheel zooms by this much at most, and by less only when that adds up. */
const MOST = 1.3;
const LEAST = 1.08;

interface Point {
  readonly x: number;
  readonly y: number;
}

/** What a matrix tells its gestures when they begin or go on. */
export interface Ground {
  readonly layout: MatrixLayout;
  readonly shape: readonly [queries: number, keys: number];
  readonly zoom: Zoom | null;
}

export type Hit = { readonly query: number; readonly key: number } | null;

/** Wheel, drag and pinch over one matrix, as new windows. */
export class Gestures {
  readonly #down = new Map<number, Point>();
  #from: { readonly ground: Ground; readonly spread: number; readonly middle: Point } | null = null;
  #dragged = false;
  #turned = 1;

  constructor(readonly choose: (zoom: Zoom | null) => void) {}

  press(event: PointerEvent, canvas: HTMLCanvasElement, ground: Ground): void {
    if (event.button !== 0) return;
    const [x, y] = pointOn(canvas, event);
    if (!this.#down.size) this.#dragged = false;
    this.#down.set(event.pointerId, { x, y });
    this.#begin(ground);
  }

  /** Where the pointer is; null while it drags. */
  move(event: PointerEvent, canvas: HTMLCanvasElement, ground: Ground): Hit {
    const [x, y] = pointOn(canvas, event);
    const from = this.#from;
    if (!from || !this.#down.has(event.pointerId)) return hitMatrix(ground.layout, x, y);
    this.#down.set(event.pointerId, { x, y });
    const { middle, spread } = this.#hold();
    const far = Math.hypot(middle.x - from.middle.x, middle.y - from.middle.y);
    const pinch = this.#down.size > 1 && from.spread > 0 ? spread / from.spread : 1;
    if (!this.#dragged && far < SLACK && Math.abs(Math.log(pinch)) < 0.05)
      return hitMatrix(ground.layout, x, y);
    if (!from.ground.zoom && pinch <= 1) return hitMatrix(ground.layout, x, y);
    if (!this.#dragged) canvas.setPointerCapture(event.pointerId);
    this.#dragged = true;
    this.choose(this.#moved(from, middle, pinch));
    return null;
  }

  /** Where a click is; null where it ends a drag. */
  at(event: MouseEvent, canvas: HTMLCanvasElement, { layout }: Ground): Hit {
    return this.#dragged ? null : hitMatrix(layout, ...pointOn(canvas, event));
  }

  release(event: PointerEvent, ground: Ground): void {
    this.#down.delete(event.pointerId);
    this.#begin(ground);
  }

  /** Zoom where the wheel turns with Ctrl held, which is how a pinch on a touchpad arrives. */
  turn(event: WheelEvent, canvas: HTMLCanvasElement, ground: Ground): void {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.#turned *= Math.min(MOST, Math.max(1 / MOST, Math.exp(-event.deltaY / 100)));
    if (Math.abs(Math.log(this.#turned)) < Math.log(LEAST)) return;
    const [x, y] = pointOn(canvas, event);
    this.choose(zoomed(ground.zoom, ground.shape, this.#turned, place(ground, { x, y })));
    this.#turned = 1;
  }

  #begin(ground: Ground): void {
    this.#from = this.#down.size ? { ground, ...this.#hold() } : null;
  }

  #hold(): { spread: number; middle: Point } {
    const points = [...this.#down.values()];
    const [a, b = a] = points as [Point, Point?];
    return {
      spread: Math.hypot(a.x - b.x, a.y - b.y),
      middle: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 },
    };
  }

  #moved(
    { ground, middle: before }: { readonly ground: Ground; readonly middle: Point },
    middle: Point,
    pinch: number,
  ): Zoom | null {
    const { layout, shape, zoom } = ground;
    const larger = pinch === 1 ? zoom : zoomed(zoom, shape, pinch, place(ground, before));
    const [q0, q1, k0, k1] = larger ?? [0, shape[0], 0, shape[1]];
    const rows = Math.round(((before.y - middle.y) / layout.height) * (q1 - q0));
    const cols = Math.round(((before.x - middle.x) / layout.width) * (k1 - k0));
    return panned(larger, shape, rows, cols);
  }
}

/** The token place under a point, inside the squares. */
function place({ layout }: Ground, { x, y }: Point): [number, number] {
  const { query, key } = placeAt(layout, x, y);
  const within = (at: number, count: number) => Math.min(count, Math.max(0, at));
  return [layout.firstRow + within(query, layout.rows), layout.firstCol + within(key, layout.cols)];
}
