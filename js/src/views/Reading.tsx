import { useEffect } from "preact/hooks";
import { keyTokens } from "../data/decode";
import type { RecordInfo } from "../data/types";
import { weightOf } from "../draw/color";
import { binOf, bins, type Levels } from "../draw/raster";
import { clipped, weight } from "../text/numbers";
import { visible } from "../text/tokens";
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
  const keys = keyTokens(info);
  if (query === null || !name || query >= info.tokens.length)
    return <p class="attnw-reading attnw-quiet">{w.matrixHint}</p>;

  const paid = exact || approximate(state.focus.value, query, info.tokens.length, keys.length);
  const shown = state.readRow(paid, query);
  const rescaled = shown !== paid;
  const say = (value: number) => (exact ? weight(value) : w.about(weight(value)));
  const named = (tokens: RecordInfo["tokens"], i: number) => clipped(visible(tokens[i]!.text), 40);
  const best = [...shown.keys()]
    .sort((a, b) => shown[b]! - shown[a]!)
    .slice(0, NAMED)
    .filter((i) => shown[i]! > 0);
  const status = exact ? w.exact : rows.silent.value ? w.approximate : w.waiting;
  const more =
    key === null || key >= keys.length
      ? []
      : notes(state, query, key, rescaled ? say(shown[key]!) : null);
  return (
    <div class="attnw-reading" data-testid="attnw-reading" data-exact={exact ? "yes" : "no"}>
      {key !== null && key < keys.length && (
        <p>
          <strong>
            <bdi>{w.cell(named(info.tokens, query), named(keys, key), say(paid[key]!))}</bdi>
          </strong>
          {more.map((note) => (
            <span key={note} class="attnw-quiet">
              {" "}
              · {note}
            </span>
          ))}
        </p>
      )}
      <p>
        <bdi>{w.rowOf(named(info.tokens, query))}</bdi>
        {rescaled && ` (${w.rescaled})`}{" "}
        {best.map((i) => (
          <span key={i} class="attnw-target">
            <bdi>{named(keys, i)}</bdi> <b>{weight(shown[i]!)}</b>
          </span>
        ))}
      </p>
      <p class="attnw-quiet attnw-small">{status}</p>
    </div>
  );
}

/** What else there is to say of a square: the model's number stands before it, unchanged. */
function notes(state: ViewState, query: number, key: number, rescaled: string | null): string[] {
  const w = state.words.value;
  const t = state.store.traits;
  const hides = t.special_mode.value.startsWith("hide");
  const hidden = hides && (state.specialKeys.value[key] || state.specialQueries.value[query]);
  const bits = state.bound.value?.full(t.layer.value, t.head.value);
  const forbidden = bits?.[query * state.specialKeys.value.length + key] === 0;
  return [
    ...(forbidden ? [w.forbidden] : []),
    ...(hidden ? [w.hidden] : []),
    ...(rescaled !== null && !hidden && !forbidden ? [`${w.rescaled} ${rescaled}`] : []),
  ];
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
