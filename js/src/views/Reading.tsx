import { useEffect } from "preact/hooks";
import { keyTokens } from "../data/decode";
import type { RecordInfo } from "../data/types";
import { clipped, signed, weight } from "../text/numbers";
import { visible } from "../text/tokens";
import type { ExactRows, RowName } from "./exact";
import type { ViewState } from "./state";

/** How many of a row's targets are named. */
const NAMED = 4;

/** A row as it is read: the numbers, and whether Python has given them. */
interface Row {
  readonly values: Float32Array;
  readonly exact: boolean;
}

/** What the square under the pointer, else the picked one, says, in words and numbers. */
export function Reading({ state, rows }: { state: ViewState; rows: ExactRows }) {
  const t = state.store.traits;
  const w = state.words.value;
  const info = state.info.value;
  const hover = state.hoverCell.value;
  const query = hover ? hover.query : t.query.value;
  const key = hover ? hover.key : t.key.value;
  const shown = state.second.shown.value;
  const difference = shown === "difference";
  const between = state.between.value;
  const own = (shown === "second" && between) || { cell: w.cell, row: w.rowOf };
  const place = { layer: t.layer.value, head: t.head.value };
  const names: RowName[] =
    query === null
      ? []
      : (["first", "second"] as const)
          .filter((of) => difference || of === shown)
          .map((of) => ({ ...place, query, of }));
  rows.arrivals.value;
  useEffect(() => {
    if (names.length > 0) rows.want(names, hover === null);
  }, [place.layer, place.head, query, shown, hover === null, info, t._second.value]);
  const keys = keyTokens(info);
  if (query === null || query >= info.tokens.length)
    return <p class="attnw-reading attnw-quiet">{w.matrixHint}</p>;

  const [row, other] = names.map((name): Row => {
    const exact = rows.get(name);
    return exact ? { values: exact, exact: true } : { values: state.rowOf(name), exact: false };
  }) as [Row, Row?];
  const exact = row.exact && other?.exact !== false;
  const say = (value: number) => (exact ? weight(value) : w.about(weight(value)));
  const named = (tokens: RecordInfo["tokens"], i: number) => clipped(visible(tokens[i]!.text), 40);
  const from = named(info.tokens, query);
  const picked = key !== null && key < keys.length ? key : null;
  const status = exact ? w.exact : rows.silent.value ? w.approximate : w.waiting;

  const read = other ? row.values : state.readRow(row.values, query);
  const rescaled = read !== row.values;
  const size = other ? other.values.map((value, i) => value - row.values[i]!) : read;
  const best = [...size.keys()]
    .sort((a, b) => Math.abs(size[b]!) - Math.abs(size[a]!))
    .slice(0, NAMED)
    .filter((i) => size[i]! !== 0);
  const number = (value: number) => (other ? signed(value) : weight(value));
  const more =
    picked === null || other
      ? []
      : notes(state, query, picked, rescaled ? say(read[picked]!) : null);
  return (
    <div class="attnw-reading" data-testid="attnw-reading" data-exact={exact ? "yes" : "no"}>
      {picked !== null && (
        <p>
          <strong>
            <bdi>
              {other && between
                ? between.cellChange(
                    from,
                    named(keys, picked),
                    say(row.values[picked]!),
                    say(other.values[picked]!),
                  )
                : own.cell(from, named(keys, picked), say(row.values[picked]!))}
            </bdi>
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
        <bdi>{other && between ? between.rowChange(from) : own.row(from)}</bdi>
        {rescaled && ` (${w.rescaled})`}{" "}
        {best.map((i) => (
          <span key={i} class="attnw-target">
            <bdi>{named(keys, i)}</bdi> <b>{number(size[i]!)}</b>
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
