import { useRef, useState } from "preact/hooks";
import { keyTokens } from "../../data/decode";
import { signed, weight, written } from "../../text/numbers";
import { visible } from "../../text/tokens";
import { copy, tabbed } from "../copy";
import type { RowName } from "../exact";
import type { FocusProps } from "../Focus";
import { seenTitle } from "../seen";
import { isWhole, rescales, together } from "../textual/targets";
import { useRows } from "../useRows";
import { type Column, type Line, ordered, PAIRS_MOST, pairLines, rowLines } from "./lines";

const PAGE = 25;

/** What is shown, as a table: the picked token's row, or the strongest pairs of the head. */
export function Table({ state, rows }: FocusProps) {
  const t = state.store.traits;
  const w = state.words.value.table;
  const info = state.info.value;
  const keys = keyTokens(info);
  const box = useRef<HTMLDivElement>(null);
  const [{ column, turned }, sort] = useState<{ column: Column; turned: boolean }>({
    column: "weight",
    turned: false,
  });
  const [first, turn] = useState(0);
  const [copied, say] = useState(false);

  const query = t.query.value;
  const difference = state.second.shown.value === "difference";
  const names: RowName[] =
    query === null ? [] : state.second.sides.map((of) => ({ ...state.seen.value, query, of }));
  const read = useRows(state, rows, names);
  const exact = read.length > 0 && read.every((row) => row.exact);
  if (query !== null && !exact && !isWhole(state, state.seen.value)) {
    const { asking, tooLong } = state.words.value.lines;
    return <p class="attnw-quiet">{rows.silent.value ? tooLong : asking}</p>;
  }
  const found =
    query === null
      ? pairLines(state)
      : rowLines(
          query,
          together(
            state,
            read.map((row) => row.values),
            query,
            state.pairs(),
          ),
        );
  if (!found) return <p class="attnw-quiet">{w.pooled}</p>;

  const lines = ordered(found, column, turned);
  const start = first < lines.length ? first : 0;
  const bits = difference ? null : state.pairs();
  const token = (tokens: typeof keys, at: number) => visible(tokens[at]!.text);
  const number = (value: number) => (difference ? signed(value) : weight(value));
  const columns: Column[] = query === null ? ["query", "key", "weight"] : ["key", "weight"];
  const { hiddenRows, hiddenCols } = state.overlay(info.tokens.length, keys.length);
  const hides = hiddenRows?.includes(1) || hiddenCols?.includes(1);
  const marks: [string, (line: Line) => string][] = [];
  if (bits)
    marks.push([w.mask, ({ query, key }) => (bits[query * keys.length + key] ? "" : w.outside)]);
  if (hides && query !== null)
    marks.push([
      w.picture,
      ({ query, key }) => (hiddenRows?.[query] || hiddenCols?.[key] ? w.hidden : ""),
    ]);
  const rescaled = !difference && rescales(state);
  const weightName = rescaled ? `${w.weight} (${state.words.value.rescaled})` : w.weight;
  const caption =
    query === null
      ? w.pairs(seenTitle(state), lines.length === PAIRS_MOST ? lines.length : null)
      : w.row(seenTitle(state), token(info.tokens, query));

  const taken = async () => {
    const head = columns.flatMap((one) =>
      one === "weight" ? [exact ? weightName : `≈ ${weightName}`] : [`${w[one]} #`, w[one]],
    );
    const body = lines.map((line) => [
      ...columns.flatMap((one) =>
        one === "weight"
          ? [written(line.weight, exact)]
          : [line[one], token(one === "key" ? keys : info.tokens, line[one])],
      ),
      ...marks.map(([, mark]) => mark(line)),
    ]);
    try {
      await copy(tabbed([[...head, ...marks.map(([name]) => name)], ...body]), box.current!);
      say(true);
    } catch (error) {
      state.problem.value = w.copyFailed(String((error as Error).message));
    }
  };
  const by = (one: Column) => {
    sort(one === column ? { column, turned: !turned } : { column: one, turned: false });
    turn(0);
  };
  const descends = (column === "weight") !== turned;
  return (
    <div class="attnw-tabled" ref={box} tabIndex={-1}>
      <table>
        <caption>
          <bdi>{caption}</bdi>
        </caption>
        <thead>
          <tr>
            {columns.map((one) => (
              <th
                key={one}
                scope="col"
                colSpan={one === "weight" ? 1 : 2}
                aria-sort={one === column ? (descends ? "descending" : "ascending") : "none"}
              >
                <button type="button" onClick={() => by(one)}>
                  {one === "weight" ? weightName : w[one]}{" "}
                  <span aria-hidden="true">{one === column ? (descends ? "↓" : "↑") : ""}</span>
                </button>
              </th>
            ))}
            {marks.map(([name]) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.slice(start, start + PAGE).map((line) => (
            <tr key={`${line.query} ${line.key}`} class={line.key === t.key.value ? "is-on" : ""}>
              {columns.map((one) =>
                one === "weight" ? (
                  <td key={one} class="attnw-number">
                    {exact ? number(line.weight) : `≈ ${number(line.weight)}`}
                  </td>
                ) : (
                  [
                    <td key={`${one} number`} class="attnw-number attnw-quiet">
                      {line[one]}
                    </td>,
                    <td key={one}>
                      <bdi>{token(one === "key" ? keys : info.tokens, line[one])}</bdi>
                    </td>,
                  ]
                ),
              )}
              {marks.map(([name, mark]) => (
                <td key={name}>{mark(line)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <div class="attnw-line">
        {lines.length > PAGE && (
          <>
            <button
              type="button"
              aria-disabled={start === 0}
              onClick={() => start > 0 && turn(start - PAGE)}
            >
              {w.before}
            </button>
            <span>{w.page(start + 1, Math.min(start + PAGE, lines.length), lines.length)}</span>
            <button
              type="button"
              aria-disabled={start + PAGE >= lines.length}
              onClick={() => start + PAGE < lines.length && turn(start + PAGE)}
            >
              {w.after}
            </button>
          </>
        )}
        <button type="button" onClick={taken} onBlur={() => say(false)}>
          {copied ? w.copied : w.copy}
        </button>
      </div>
      <p class="attnw-quiet attnw-small">
        {exact ? state.words.value.exact : state.words.value.approximate}
      </p>
      {query === null && (
        <p class="attnw-quiet attnw-small">
          {w.hint}
          {hides && ` ${w.unlisted}`}
        </p>
      )}
    </div>
  );
}
