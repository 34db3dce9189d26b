import { useComputed } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { matrixLayout } from "../../draw/matrix";
import { MOST_THUMB } from "../../draw/patches";
import { brush, counted, useFrame } from "../canvas";
import type { FocusProps } from "../Focus";
import { widest } from "../labels";
import { Reading } from "../Reading";
import { seenTitle } from "../seen";
import { Gestures, type Hit } from "./gestures";
import { pressed, shapeOf } from "./keys";
import { mark } from "./marks";
import { Notes } from "./Notes";
import { BAR, LETTER, paintBase } from "./paint";
import { laid, scene } from "./scene";
import { Tools } from "./Tools";
import { Windows } from "./windows";

/** Room to the right of the squares: bars, letters, and labels that lean over the last column. */
const RIGHT = BAR + LETTER + 6;

/** The head in focus, or the mean over those shown, with its tokens. */
export function Matrix({ state, model, rows, signal, width }: FocusProps) {
  const { store, words: w } = state;
  const t = store.traits;
  const info = state.info.value;
  const [, , queries, keys] = info.shape;
  const windows = useMemo(() => new Windows(state, model, signal), [state, model, signal]);
  const zoom = t.zoom.value;
  const over = useComputed(() => laid(state));
  const drawn = useComputed(() => scene(state, over.value, t.zoom.value, windows)).value;
  useEffect(() => {
    if (drawn.pooled && zoom) windows.want(zoom);
  }, [drawn, zoom]);
  const labels = useComputed(() => {
    const { tokens, keyTokens, patches } = state.info.value;
    const { queries, keys } = state.words.value;
    const texts = widest([...tokens, ...(keyTokens ?? [])], [queries, keys]);
    return texts + (patches ? MOST_THUMB + 3 : 0);
  }).value;
  const framed = (part: typeof zoom) => matrixLayout(width - RIGHT, queries, keys, labels, part);
  const place = framed(zoom);
  const hover = state.hoverCell.value;
  const base = useRef(new Base());
  const special = t.special_mode.value;
  const still = [drawn, width, state.palette.value, special, t.special_roles.value, zoom, info];
  const canvas = useFrame(
    (element) => base.current.draw(element, state, place, drawn, width, still),
    [...still, t.query.value, t.key.value, hover?.query, hover?.key, state.lang.value],
  );
  const gestures = useMemo(() => new Gestures((next) => store.drag({ zoom: next })), [store]);
  // Events come faster than pictures: each goes on from where the one before it has led.
  const ground = () => {
    const now = t.zoom.peek();
    return { layout: framed(now), shape: shapeOf(state), zoom: now };
  };
  const point = (hit: Hit) => {
    if (hit?.query !== hover?.query || hit?.key !== hover?.key) state.hoverCell.value = hit;
  };
  const title = seenTitle(state);
  return (
    <>
      <Tools state={state} />
      <canvas
        ref={canvas}
        class={`attnw-matrix ${zoom ? "attnw-zoomed" : ""}`}
        data-testid="attnw-matrix"
        tabIndex={0}
        role="img"
        aria-label={`${title}. ${w.value.matrixLabel(queries, keys)} ${w.value.matrix.keys}`}
        onPointerDown={(event) => gestures.press(event, event.currentTarget, ground())}
        onPointerMove={(event) => point(gestures.move(event, event.currentTarget, ground()))}
        onPointerUp={(event) => gestures.release(event, ground())}
        onPointerCancel={(event) => gestures.release(event, ground())}
        onPointerLeave={() => point(null)}
        onWheel={(event) => gestures.turn(event, event.currentTarget, ground())}
        onDblClick={() => zoom && store.choose({ zoom: null })}
        onClick={(event) => {
          const hit = gestures.at(event, event.currentTarget, ground());
          if (!hit) return;
          const again = hit.query === t.query.peek() && hit.key === t.key.peek();
          store.choose(again ? { query: null, key: null } : hit);
        }}
        onKeyDown={(event) => pressed(state, event)}
      />
      <div aria-live="polite">
        <Reading state={state} rows={rows} />
      </div>
      <Notes state={state} scene={drawn} layout={place} />
    </>
  );
}

/** What the pointer does not change, drawn once and kept. */
class Base {
  #picture: HTMLCanvasElement | null = null;
  #of: readonly unknown[] = [];

  draw(
    canvas: HTMLCanvasElement,
    state: Parameters<typeof paintBase>[1],
    layout: Parameters<typeof paintBase>[2],
    drawn: Parameters<typeof paintBase>[3],
    width: number,
    of: readonly unknown[],
  ): void {
    const { left, top, height } = layout;
    const full = top + height + (drawn.margins ? BAR + LETTER + 8 : LETTER + 8);
    const made = brush(canvas, width, full);
    if (!made) return;
    const { ctx, ratio } = made;
    ctx.direction = "ltr";
    if (made.recorded) {
      paintBase(made, state, layout, drawn);
      mark(ctx, state, layout);
      return;
    }
    const now = [...of, ratio];
    this.#picture ??= document.createElement("canvas");
    if (this.#of.length !== now.length || now.some((part, i) => part !== this.#of[i])) {
      this.#picture.width = canvas.width;
      this.#picture.height = canvas.height;
      const below = this.#picture.getContext("2d");
      if (!below) return;
      below.direction = "ltr";
      below.setTransform(ratio, 0, 0, ratio, 0, 0);
      paintBase({ ctx: below, ratio }, state, layout, drawn);
      this.#of = now;
    }
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.drawImage(this.#picture, 0, 0);
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    mark(ctx, state, layout);
    canvas.dataset.box = [left, top, layout.width, height].join(" ");
    counted(canvas);
  }
}
