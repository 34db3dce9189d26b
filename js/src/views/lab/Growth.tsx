import type { MaskSpec } from "../../masks";
import { Growing, growthPower, type Point } from "../../masks/growth";
import { needsPython } from "../../masks/needs";
import { type LabState, rolesOf } from "./state";
import { useSlices } from "./useSlices";

const LEAST = 64;
/** Counted at any length; further on up to the text's own. */
const MOST = 8192;
/** The power is that of the longest texts: short ones may lie inside a window as a whole. */
const FITTED = 3;
/** Seconds of counting in the browser; longer texts are left to Python. */
const PATIENCE_MS = 2000;
const HEIGHT = 200;
const LEFT = 46;
const BOTTOM = 40;
const RIGHT = 36;

interface Grown {
  readonly points: readonly Point[];
  readonly done: boolean;
  /** Whether longer texts are left out, as counting them takes too long here. */
  readonly cut: boolean;
}

/** Pairs by length, counted, beside full attention; both axes are logarithmic. */
export function Growth({ state, spec, width }: { state: LabState; spec: MaskSpec; width: number }) {
  const w = state.words.value;
  const data = needsPython(spec);
  const told = state.asker.growth.value;
  const python = told?.place === state.place.value ? told : null;
  return (
    <section class="attnw-panel" aria-label={w.growth}>
      <h3>{w.growth}</h3>
      {data && !python && <p class="attnw-quiet attnw-small">{w.growthData}</p>}
      {!data && !python && <Counted state={state} spec={spec} width={width} />}
      {python && <Chart state={state} points={python.points} width={width} />}
      {python?.vectors && <p class="attnw-quiet attnw-small">{w.growthVectors}</p>}
      {data && !python && <Ask state={state} />}
    </section>
  );
}

function Counted({ state, spec, width }: { state: LabState; spec: MaskSpec; width: number }) {
  const w = state.words.value;
  const most = Math.max(MOST, 2 ** Math.floor(Math.log2(state.store.traits.n.value)));
  const sliced = useSlices<Grown>(() => {
    const growing = new Growing(spec, lengths(most), rolesOf);
    let spent = 0;
    return {
      more: () => {
        const start = performance.now();
        const done = growing.more();
        spent += performance.now() - start;
        return done || spent > PATIENCE_MS;
      },
      result: (done) => ({
        points: growing.points.slice(),
        done,
        cut: done && spent > PATIENCE_MS,
      }),
    };
  }, [spec, most]);
  const grown = sliced?.result;
  if (!grown || (grown.done && grown.points.length < 2))
    return <p class="attnw-quiet attnw-small">{grown ? w.growthNone : w.growthCounting}</p>;
  const settled = grown.done && sliced.fresh;
  return (
    <>
      <Chart state={state} points={grown.points} width={width} pending={!settled} />
      {settled && grown.cut && (
        <>
          <p class="attnw-quiet attnw-small">{w.growthCut}</p>
          <Ask state={state} />
        </>
      )}
    </>
  );
}

/** Have Python count. */
function Ask({ state }: { state: LabState }) {
  const w = state.words.value;
  const { asker } = state;
  if (!state.store.traits._asks.value)
    return <p class="attnw-quiet attnw-small">{w.growthAbsent}</p>;
  const asking = asker.growing.value === state.place.value;
  return (
    <div class="attnw-row" aria-live="polite">
      <button
        type="button"
        data-testid="attnw-growth-ask"
        disabled={asking}
        onClick={() => void asker.grow(state.place.peek())}
      >
        {w.growthAsk}
      </button>
      {asking && <span class="attnw-quiet">{w.growthAsking}</span>}
      {!asking && asker.silent.value && <span class="attnw-problem">{w.silent}</span>}
    </div>
  );
}

function Chart(props: {
  readonly state: LabState;
  readonly points: readonly Point[];
  readonly width: number;
  readonly pending?: boolean;
}) {
  const { state, points, width, pending } = props;
  const w = state.words.value;
  const lang = state.lang.value;
  const last = points.at(-1)?.[0] ?? MOST;
  const sizes = lengths(Math.max(MOST, last));
  const [first, end] = [sizes[0]!, sizes.at(-1)!];
  const x = (n: number) =>
    LEFT + (Math.log(n / first) / Math.log(end / first)) * (width - LEFT - RIGHT);
  const y = (pairs: number) =>
    HEIGHT - BOTTOM - (Math.log(Math.max(pairs, 1)) / (2 * Math.log(end))) * (HEIGHT - BOTTOM - 8);
  const line = (list: readonly Point[]) =>
    list.map(([n, pairs]) => `${x(n)},${y(pairs)}`).join(" ");
  const note =
    pending || points.length < 2
      ? w.growthCounting
      : w.growthNote(growthPower(points.slice(-FITTED)).toFixed(2), last.toLocaleString(lang));
  const label = sizes.at(-3)!;
  return (
    <>
      <svg
        viewBox={`0 0 ${width} ${HEIGHT}`}
        width={width}
        height={HEIGHT}
        role="img"
        aria-label={note}
        class="attnw-growth"
      >
        <line x1={LEFT} y1={HEIGHT - BOTTOM} x2={width - RIGHT} y2={HEIGHT - BOTTOM} />
        <line x1={LEFT} y1={8} x2={LEFT} y2={HEIGHT - BOTTOM} />
        {[first, sizes[Math.floor(sizes.length / 2)]!, end].map((n) => (
          <text key={n} x={x(n)} y={HEIGHT - 25} text-anchor="middle">
            {n.toLocaleString(lang)}
          </text>
        ))}
        {[3, 6, 9, 12]
          .filter((e) => 10 ** e <= end * end)
          .map((e) => (
            <text key={e} x={LEFT - 5} y={y(10 ** e) + 3} text-anchor="end">
              {(10 ** e).toLocaleString("en", { notation: "compact" })}
            </text>
          ))}
        <text x={(LEFT + width) / 2} y={HEIGHT - 7} text-anchor="middle">
          {w.growthAxis}
        </text>
        <text x={LEFT + 5} y={16}>
          {w.growthPairs}
        </text>
        <polyline class="attnw-growth-dense" points={line(sizes.map((n) => [n, n * n]))} />
        <polyline class="attnw-growth-mask" points={line(points)} />
        {points.map(([n, pairs]) => (
          <circle key={n} cx={x(n)} cy={y(pairs)} r={2.5}>
            <title>{`N = ${n.toLocaleString(lang)}: ${pairs.toLocaleString(lang)}`}</title>
          </circle>
        ))}
        <text class="attnw-growth-label" x={x(label)} y={y(label * label) - 7} text-anchor="end">
          {w.dense}
        </text>
      </svg>
      <p data-testid="attnw-growth">{note}</p>
    </>
  );
}

/** Powers of two. */
function lengths(most: number): number[] {
  const sizes = [];
  for (let n = LEAST; n <= most; n *= 2) sizes.push(n);
  return sizes;
}
