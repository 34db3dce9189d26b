import { keyTokens } from "../data/decode";
import { signed, weight } from "../text/numbers";
import type { ExactRows, RowName } from "./exact";
import { seenTitle } from "./seen";
import type { ViewState } from "./state";
import { isWhole } from "./textual/targets";
import { called } from "./thumbnails";
import { useRows } from "./useRows";

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
  const shown = state.second.shown.value;
  const between = state.between.value;
  const own = (shown === "second" && between) || { cell: w.cell, row: w.rowOf };
  const names: RowName[] =
    query === null ? [] : state.second.sides.map((of) => ({ ...state.seen.value, query, of }));
  const [row, other] = useRows(state, rows, names, hover === null);
  const keys = keyTokens(info);
  if (query === null || query >= info.tokens.length || !row)
    return <p class="attnw-reading attnw-quiet attnw-hint">{w.matrixHint}</p>;

  const exact = row.exact && other?.exact !== false;
  const say = (value: number) => (exact ? weight(value) : w.about(weight(value)));
  const named = (i: number) => called(state, true, i);
  const from = called(state, false, query);
  const picked = key !== null && key < keys.length ? key : null;
  if (!exact && !isWhole(state, state.seen.value))
    return (
      <p class="attnw-reading attnw-quiet" data-testid="attnw-reading" data-exact="no">
        <strong>
          <bdi>{from}</bdi>
        </strong>{" "}
        · {rows.silent.value ? w.lines.tooLong : w.lines.asking}
      </p>
    );
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
      <span class={state.seen.value.mean ? "attnw-quiet" : "attnw-hush"}>{seenTitle(state)}: </span>
      {picked !== null && (
        <p>
          <strong>
            {other && between
              ? between.cellChange(
                  from,
                  named(picked),
                  say(row.values[picked]!),
                  say(other.values[picked]!),
                )
              : own.cell(from, named(picked), say(row.values[picked]!))}
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
        {other && between ? between.rowChange(from) : own.row(from)}
        {rescaled && ` (${w.rescaled})`}{" "}
        {best.map((i, at) => (
          <span key={i}>
            {at > 0 && w.comma}
            <bdi>{named(i)}</bdi> <b>{number(size[i]!)}</b>
          </span>
        ))}
        {!other && (
          <span class="attnw-quiet"> · {summed(state, row.values, query, row.exact)}</span>
        )}
      </p>
      <p class="attnw-quiet attnw-small">{status}</p>
    </div>
  );
}

/** The sum of a row, and of what is drawn of it where that is less. */
function summed(state: ViewState, row: Float32Array, query: number, exact: boolean): string {
  const words = state.words.value;
  const w = words.matrix;
  const t = state.store.traits;
  const { hides } = state;
  const gone = hides && state.specialQueries.value[query];
  const drawn = state
    .readRow(row, query)
    .map((weight, key) =>
      gone || (hides && state.specialKeys.value[key]) || weight < t.threshold.value ? 0 : weight,
    );
  const [all, part] = [row, drawn].map((values) => {
    const sum = values.reduce((a, b) => a + b, 0).toFixed(2);
    return exact ? sum : words.about(sum);
  });
  return all === part ? w.rowSum(all!) : `${w.rowSum(all!)}${words.comma}${w.rowDrawn(part!)}`;
}

/** What else there is to say of a square: the model's number stands before it, unchanged. */
function notes(state: ViewState, query: number, key: number, rescaled: string | null): string[] {
  const w = state.words.value;
  const hidden = state.hides && (state.specialKeys.value[key] || state.specialQueries.value[query]);
  const bits = state.pairs();
  const forbidden = bits?.[query * state.specialKeys.value.length + key] === 0;
  return [
    ...(forbidden ? [w.forbidden] : []),
    ...(hidden ? [w.hidden] : []),
    ...(rescaled !== null && !hidden && !forbidden ? [`${w.rescaled} ${rescaled}`] : []),
  ];
}
