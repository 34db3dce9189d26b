import { useMemo } from "preact/hooks";
import { tilesTouched } from "../../masks/tiles";
import { percent } from "../../text/numbers";
import type { LabBound, LabState } from "./state";

const SIZES = [16, 64, 128] as const;
/** Longer texts take too long to count in the browser at pointer speed. */
const COUNTED_MOST = 65_536;

/** What the mask costs beside full attention: pairs, and the tiles they touch. */
export function Cost({ state, bound }: { state: LabState; bound: LabBound }) {
  const w = state.words.value;
  const n = state.store.traits.n.value;
  const number = (value: number) => value.toLocaleString(state.lang.value);
  const tiles = useMemo(() => {
    if (n > COUNTED_MOST) return [];
    return SIZES.filter((size) => size <= n).map(
      (size) => [size, tilesTouched(bound.mask, size) / Math.ceil(n / size) ** 2] as const,
    );
  }, [bound]);
  return (
    <section class="attnw-panel" aria-label={w.cost}>
      <h3>{w.cost}</h3>
      <p data-testid="attnw-lab-cost">
        {w.pairs(number(bound.nnz), number(n * n))} ·{" "}
        {w.degree(number(bound.low), number(bound.high))}
      </p>
      {bound.empty > 0 && <p class="attnw-problem">{w.emptyRows(number(bound.empty))}</p>}
      <Bar name={w.dense} share={1} />
      <Bar name={w.elements} share={bound.nnz / (n * n)} />
      {tiles.map(([size, share]) => (
        <Bar key={size} name={w.tiles(size)} share={share} />
      ))}
      {tiles.length > 0 && <p class="attnw-quiet attnw-small">{w.tilesNote}</p>}
    </section>
  );
}

function Bar({ name, share }: { name: string; share: number }) {
  return (
    <div class="attnw-cost">
      <span>{name}</span>
      <div class="attnw-cost-track">
        <div class="attnw-cost-bar" style={{ width: `${100 * share}%` }} />
      </div>
      <span class="attnw-cost-number">{percent(share)}</span>
    </div>
  );
}
