import { covered } from "../../masks/rows";
import { visible } from "../../text/tokens";
import type { LabBound, LabState } from "./state";

/** Keys named in a row's sentence. */
const RUNS_NAMED = 6;

/** Which tokens the row under the pointer sees. */
export function RowReading({ state, bound }: { state: LabState; bound: LabBound | null }) {
  const w = state.words.value;
  const query = state.hoverQuery.value;
  const tokens = state.store.traits._tokens.value;
  if (!bound || query === null || query >= bound.mask.nQueries)
    return <p class="attnw-reading attnw-quiet attnw-small">{w.rowHint}</p>;
  const number = (value: number) => value.toLocaleString(state.lang.value);
  const name = (token: number) => {
    const text = tokens[token];
    return text === undefined ? number(token) : `${number(token)} “${visible(text)}”`;
  };
  const runs: string[] = [];
  let degree = 0;
  bound.mask.forEachRow(
    (_, list, end) => {
      degree = covered(list, end);
      for (let i = 0; i < end && runs.length < RUNS_NAMED; i += 2) {
        const [first, last] = [list[i]!, list[i + 1]! - 1];
        runs.push(first === last ? name(first) : `${name(first)}–${name(last)}`);
      }
      if (end > 2 * RUNS_NAMED) runs.push(w.andMore);
    },
    query,
    query + 1,
  );
  return (
    <p class="attnw-reading" aria-live="polite" data-testid="attnw-lab-row">
      {degree === 0 ? w.rowNone(name(query)) : w.row(name(query), number(degree), runs.join(", "))}
    </p>
  );
}
