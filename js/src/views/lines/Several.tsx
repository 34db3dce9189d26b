import { largest } from "../../draw/flow";
import { signed, weight } from "../../text/numbers";
import type { ViewState } from "../state";
import { called } from "../thumbnails";
import type { Alone } from "./paint";
import type { Drawn } from "./scene";

const NAMED = 3;

/** What several heads do with one token: the numbers of each, in its colour. */
export function Several(props: {
  readonly state: ViewState;
  readonly drawn: readonly Drawn[];
  readonly alone: Alone;
  /** Of each head, its numbers for the tokens of the other side; null where they are not known. */
  readonly values: readonly (Float32Array | null)[];
  readonly exact: boolean;
}) {
  const { state, drawn, alone, values, exact } = props;
  const w = state.words.value;
  const looks = alone.side === "query";
  const name = called(state, !looks, alone.at);
  const changed = state.second.shown.value === "difference";
  const said = (value: number) => {
    const number = changed ? signed(value) : weight(value);
    return exact ? number : w.about(number);
  };
  return (
    <div data-testid="attnw-several" data-exact={exact ? "yes" : "no"}>
      <p>
        <strong>{looks ? w.lines.manyLooks(name) : w.lines.manyLooked(name)}</strong>
      </p>
      <ul class="attnw-several">
        {drawn.map(({ seen, color }, i) => {
          const row = values[i];
          const named = row ? largest(row, NAMED) : [];
          const shown = alone.other === null ? named : [...new Set([alone.other, ...named])];
          return (
            <li key={seen.head} aria-label={w.lines.chip(seen.head)}>
              <i style={{ background: color ?? undefined }} />
              <b>{seen.head}</b>
              {row
                ? shown.map((at) => (
                    <span key={at}>
                      <bdi>{called(state, looks, at)}</bdi> {said(row[at]!)}
                    </span>
                  ))
                : "–"}
            </li>
          );
        })}
      </ul>
      <p class="attnw-quiet attnw-small">{exact ? w.exact : w.approximate}</p>
    </div>
  );
}
