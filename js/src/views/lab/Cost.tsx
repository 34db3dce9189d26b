import { percent } from "../../text/numbers";
import type { LabBound, LabState } from "./state";

/** What the mask costs beside full attention: pairs, and the tiles they touch. */
export function Cost({ state, bound }: { state: LabState; bound: LabBound }) {
  const w = state.words.value;
  const n = state.store.traits.n.value;
  const number = (value: number) => value.toLocaleString(state.lang.value);
  const { rows, done, nnz, low, high, empty, tiles } = bound.counts;
  return (
    <section class="attnw-panel" aria-label={w.cost} aria-busy={!done}>
      <h3>{w.cost}</h3>
      {done ? (
        <p data-testid="attnw-lab-cost">
          {w.pairs(number(nnz), number(n * n))} · {w.degree(number(low), number(high))}
        </p>
      ) : (
        <p data-testid="attnw-lab-counting">
          {w.counting(percent(rows / n))} {w.pairsSoFar(number(nnz), number(rows * n))}
        </p>
      )}
      {empty > 0 && <p class="attnw-problem">{w.emptyRows(number(empty))}</p>}
      <Bar name={w.dense} share={1} />
      <Bar name={w.elements} share={nnz / (rows * n)} />
      {tiles.map(([size, touched]) => (
        <Bar
          key={size}
          name={w.tiles(size)}
          share={done ? touched / Math.ceil(n / size) ** 2 : null}
        />
      ))}
      {tiles.length > 0 && <p class="attnw-quiet attnw-small">{w.tilesNote}</p>}
    </section>
  );
}

/** A share of full attention; null while it is counted. */
function Bar({ name, share }: { name: string; share: number | null }) {
  return (
    <div class="attnw-cost">
      <span>{name}</span>
      <div class="attnw-cost-track">
        <div class="attnw-cost-bar" style={{ width: `${100 * (share ?? 0)}%` }} />
      </div>
      <span class="attnw-cost-number">{share === null ? "…" : percent(share)}</span>
    </div>
  );
}
