import { useMemo } from "preact/hooks";
import { bind, MaskError, type MaskSpec } from "../../masks";
import { growthPower } from "../../masks/tiles";
import { type LabState, rolesOf } from "./state";

const SIZES = [64, 128, 256, 512, 1024, 2048, 4096, 8192];
/** The power is that of the longest texts: short ones may lie inside a window as a whole. */
const FITTED = 3;
const WIDTH = 320;
const HEIGHT = 184;
const LEFT = 46;
const BOTTOM = 40;
const RIGHT = 24;

/** Pairs by length, counted, beside full attention; both axes are logarithmic. */
export function Growth({ state, spec }: { state: LabState; spec: MaskSpec }) {
  const w = state.words.value;
  const points = useMemo(() => measured(spec), [spec]);
  if (points.length < 2) return null;
  const power = growthPower(points.slice(-FITTED)).toFixed(2);
  const x = (n: number) =>
    LEFT + ((Math.log(n) - Math.log(SIZES[0]!)) / span(SIZES)) * (WIDTH - LEFT - RIGHT);
  const most = SIZES.at(-1)! ** 2;
  const y = (pairs: number) =>
    HEIGHT - BOTTOM - (Math.log(Math.max(pairs, 1)) / Math.log(most)) * (HEIGHT - BOTTOM - 8);
  const line = (list: readonly (readonly [number, number])[]) =>
    list.map(([n, pairs]) => `${x(n)},${y(pairs)}`).join(" ");
  return (
    <section class="attnw-panel" aria-label={w.growth}>
      <h3>{w.growth}</h3>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        width={WIDTH}
        height={HEIGHT}
        role="img"
        aria-label={w.growthNote(power)}
        class="attnw-growth"
      >
        <line x1={LEFT} y1={HEIGHT - BOTTOM} x2={WIDTH - RIGHT} y2={HEIGHT - BOTTOM} />
        <line x1={LEFT} y1={8} x2={LEFT} y2={HEIGHT - BOTTOM} />
        {[64, 512, 8192].map((n) => (
          <text key={n} x={x(n)} y={HEIGHT - 25} text-anchor="middle">
            {n.toLocaleString("en")}
          </text>
        ))}
        {[3, 5, 7].map((e) => (
          <text key={e} x={LEFT - 5} y={y(10 ** e) + 3} text-anchor="end">
            {(10 ** e).toLocaleString("en", { notation: "compact" })}
          </text>
        ))}
        <text x={(LEFT + WIDTH) / 2} y={HEIGHT - 7} text-anchor="middle">
          {w.growthAxis}
        </text>
        <text x={LEFT + 5} y={16}>
          {w.growthPairs}
        </text>
        <polyline class="attnw-growth-dense" points={line(SIZES.map((n) => [n, n * n]))} />
        <polyline class="attnw-growth-mask" points={line(points)} />
        {points.map(([n, pairs]) => (
          <circle key={n} cx={x(n)} cy={y(pairs)} r={2.5}>
            <title>{`N = ${n}: ${pairs.toLocaleString("en")}`}</title>
          </circle>
        ))}
        <text class="attnw-growth-label" x={x(2048)} y={y(2048 * 2048) - 7} text-anchor="end">
          {w.dense}
        </text>
      </svg>
      <p data-testid="attnw-growth">{w.growthNote(power)}</p>
    </section>
  );
}

function span(sizes: readonly number[]): number {
  return Math.log(sizes.at(-1)!) - Math.log(sizes[0]!);
}

/** Pairs kept at each length; lengths the mask does not fit are left out. */
function measured(spec: MaskSpec): [number, number][] {
  return SIZES.flatMap((n) => {
    try {
      return [[n, bind(spec, n, n, rolesOf(n)).nnz()] as [number, number]];
    } catch (error) {
      if (error instanceof MaskError) return [];
      throw error;
    }
  });
}
