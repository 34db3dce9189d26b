import { useState } from "preact/hooks";
import { floats } from "../../data/decode";
import type { Score } from "../../data/told";
import { css, differenceRamp } from "../../draw/color";
import { type Order, ordered, reach, type Steps, slots } from "../../draw/score";
import { figure } from "../../text/numbers";
import { Choices } from "../Choices";
import { brush, counted, FONT, INK, pointOn, useFrame } from "../canvas";
import type { ViewState } from "../state";

const SIDE = 60;
const SMALL = 34;
const TALL = 74;
const GAP = 8;
const HEIGHT = 2 * (SMALL + GAP) + TALL + 2;

/** A bar per dimension: the query, the key below it, and what the two give multiplied. */
export function Dimensions(props: {
  readonly state: ViewState;
  readonly score: Score;
  readonly computed: Steps;
  readonly width: number;
}) {
  const { state, score, computed, width } = props;
  const w = state.words.value.neuron;
  const [by, sort] = useState<Order>("number");
  const [place, point] = useState<number | null>(null);
  const order = ordered(computed.products, by);
  const count = order.length;
  const [q, k] = [floats(score.q), floats(score.k)];
  const room = width - SIDE - 2;
  const theme = state.theme.value;
  const at = place !== null && place < count ? place : null;
  const canvas = useFrame(
    (element) => draw(element, { w, q, k, computed, order, at, width, theme }),
    [score, computed, by, at, width, theme, state.lang.value],
  );
  const move = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const end = { Home: 0, End: count - 1, Escape: null }[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (step) point(at === null ? 0 : Math.min(count - 1, Math.max(0, at + step)));
    else if (end !== undefined) point(end);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const one = at === null ? null : order[at]!;
  return (
    <figure class="attnw-dimensions">
      <figcaption class="attnw-line">
        <span>{w.dimensions(count)}</span>
        <Choices
          name={w.order}
          options={w.orders}
          value={by}
          onChoose={(order) => {
            sort(order);
            point(null);
          }}
        />
      </figcaption>
      <canvas
        ref={canvas}
        data-testid="attnw-dimensions"
        tabIndex={0}
        role="img"
        aria-label={w.dimensionsLabel(count)}
        onPointerMove={(event) => {
          const [x] = pointOn(event.currentTarget, event);
          const next = Math.floor((x - SIDE) / slots(count, room).step);
          point(next >= 0 && next < count ? next : null);
        }}
        onPointerLeave={() => point(null)}
        onKeyDown={move}
      />
      <p class="attnw-small" aria-live="polite">
        {one === null
          ? w.split(figure(computed.up), figure(computed.down))
          : w.dimension(one, figure(q[one]!), figure(k[one]!), figure(q[one]! * k[one]!))}
      </p>
    </figure>
  );
}

interface Scene {
  readonly w: { readonly q: string; readonly k: string; readonly product: string };
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly computed: Steps;
  readonly order: readonly number[];
  readonly at: number | null;
  readonly width: number;
  readonly theme: "light" | "dark";
}

function draw(canvas: HTMLCanvasElement, scene: Scene): void {
  const { w, q, k, computed, order, at, width, theme } = scene;
  const made = brush(canvas, width, HEIGHT);
  if (!made) return;
  const { ctx } = made;
  const ink = INK[theme];
  const colors = differenceRamp(theme);
  const [less, more] = [css(colors[0]!), css(colors[255]!)];
  const { step, bar } = slots(order.length, width - SIDE - 2);
  ctx.direction = "ltr";
  ctx.clearRect(0, 0, width, HEIGHT);
  ctx.textBaseline = "middle";
  if (at !== null) {
    ctx.fillStyle = ink.track;
    ctx.fillRect(SIDE + at * step - 0.5, 0, Math.max(3, bar + 1), HEIGHT);
  }
  const row = (name: string, values: Float32Array, top: number, height: number) => {
    const most = reach(values);
    const zero = top + height / 2;
    ctx.font = `600 12px ${FONT}`;
    ctx.fillStyle = ink.text;
    ctx.fillText(name, 0, zero - 6, SIDE - 8);
    ctx.font = `10px ${FONT}`;
    ctx.fillStyle = ink.quiet;
    ctx.fillText(`± ${figure(most)}`, 0, zero + 8, SIDE - 8);
    ctx.fillStyle = ink.line;
    ctx.fillRect(SIDE, zero - 0.5, width - SIDE - 2, 1);
    order.forEach((d, place) => {
      const value = values[d]!;
      const size = (Math.abs(value) / most) * (height / 2);
      ctx.fillStyle = value < 0 ? less : more;
      ctx.fillRect(SIDE + place * step, value < 0 ? zero : zero - size, bar, size);
    });
  };
  row(w.q, q, 0, SMALL);
  row(w.k, k, SMALL + GAP, SMALL);
  row(w.product, computed.products, 2 * (SMALL + GAP), TALL);
  counted(canvas);
}
