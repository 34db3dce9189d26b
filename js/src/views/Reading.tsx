import { useEffect } from "preact/hooks";
import { keyTokens } from "../data/decode";
import { weightOf } from "../draw/color";
import { binOf, bins, type Levels } from "../draw/raster";
import { weight } from "../text/numbers";
import type { ExactRows } from "./exact";
import type { ViewState } from "./state";

/** How many of a row's targets are named. */
const NAMED = 4;

/** What the square under the pointer, else the picked one, says, in words and numbers. */
export function Reading({ state, rows }: { state: ViewState; rows: ExactRows }) {
  const t = state.store.traits;
  const w = state.words.value;
  const info = state.info.value;
  const hover = state.hoverCell.value;
  const query = hover ? hover.query : t.query.value;
  const key = hover ? hover.key : t.key.value;
  const name = query === null ? null : { layer: t.layer.value, head: t.head.value, query };
  rows.arrivals.value;
  const exact = name && rows.get(name);
  useEffect(() => {
    if (name) rows.want(name, hover === null);
  }, [name?.layer, name?.head, name?.query, hover === null, info]);
  if (query === null || !name) return <p class="attnw-reading attnw-quiet">{w.matrixHint}</p>;

  const keys = keyTokens(info);
  const row = state.readRow(
    exact || approximate(state.focus.value, query, info.tokens.length, keys.length),
    query,
  );
  const say = (value: number) => (exact ? weight(value) : w.about(weight(value)));
  const forbidden = key !== null && state.bound.value?.bits[query * keys.length + key] === 0;
  const best = [...row.keys()]
    .sort((a, b) => row[b]! - row[a]!)
    .slice(0, NAMED)
    .filter((i) => row[i]! > 0);
  const status = exact ? w.exact : rows.silent.value ? w.approximate : w.waiting;
  return (
    <div class="attnw-reading" data-testid="attnw-reading" data-exact={exact ? "yes" : "no"}>
      {key !== null && (
        <p>
          <strong>{w.cell(info.tokens[query]!.text, keys[key]!.text, say(row[key]!))}</strong>
          {forbidden && <span class="attnw-quiet"> · {w.forbidden}</span>}
        </p>
      )}
      <p>
        {w.rowOf(info.tokens[query]!.text)}{" "}
        {best.map((i) => (
          <span key={i} class="attnw-target">
            {keys[i]!.text} <b>{weight(row[i]!)}</b>
          </span>
        ))}
      </p>
      <p class="attnw-quiet attnw-small">{status}</p>
    </div>
  );
}

/** A row read back from the picture's levels, pooled cells standing for all their keys. */
function approximate(levels: Levels, query: number, queries: number, keys: number): Float32Array {
  const row = binOf(query, queries, levels.rows);
  const starts = bins(keys, levels.cols);
  const out = new Float32Array(keys);
  for (let c = 0; c < levels.cols; c++)
    out.fill(weightOf(levels.values[row * levels.cols + c]!), starts[c]!, starts[c + 1]!);
  return out;
}
