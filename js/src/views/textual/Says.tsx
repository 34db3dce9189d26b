import { keyTokens } from "../../data/decode";
import type { Looks } from "../../data/types";
import { groupColor, roleKey } from "../../draw/color";
import { percent, signed, weight } from "../../text/numbers";
import type { ViewState } from "../state";
import { called } from "../thumbnails";
import type { Targets } from "./targets";

/** How many are named in the sentence; the list below has more. */
const SAID = 3;

/** What a token looks at, or is looked at by: in a sentence, and as numbers. */
export function Says(props: { state: ViewState; looks: Looks; at: number; targets: Targets }) {
  const { state, looks, at, targets } = props;
  const w = state.words.value;
  const { values, named, exact, others, hiddenShare, why } = targets;
  const own = (looks === "at" ? state.info.value.tokens : keyTokens(state.info.value))[at];
  if (!own) return null;
  const name = called(state, looks === "by", at);
  const nameOf = (other: number) => called(state, looks === "at", other);
  if (!values) {
    const said = { asked: w.lines.asking, silent: w.lines.tooLong };
    return <p class="attnw-quiet">{why && said[why]}</p>;
  }
  const changed = state.second.shown.value === "difference";
  const number = changed ? signed : weight;
  const say = (value: number) => (exact ? number(value) : w.about(number(value)));
  if (named.length === 0)
    return (
      <p>{looks === "by" ? w.lines.byNone(name) : `${rowTitle(state, name)} ${w.lines.nothing}`}</p>
    );
  const most = Math.max(...named.map((other) => Math.abs(values[other]!)));
  return (
    <div data-testid="attnw-says" data-exact={exact ? "yes" : "no"}>
      <p>
        <strong>{looks === "at" ? rowTitle(state, name) : columnTitle(state, name)}</strong>{" "}
        {named.slice(0, SAID).map((other, i) => (
          <span key={other}>
            {i > 0 && w.comma}
            <bdi>{nameOf(other)}</bdi> <b>{say(values[other]!)}</b>
          </span>
        ))}
      </p>
      <ol class="attnw-top">
        {named.map((other) => {
          const { role } = others[other]!;
          const size = Math.abs(values[other]!);
          const color = roleKey(role) ? groupColor(state.theme.value, role) : undefined;
          return (
            <li key={other}>
              <span class="attnw-top-number">
                {exact ? long(values[other]!, changed) : say(values[other]!)}
              </span>{" "}
              <i
                aria-hidden="true"
                style={{ width: `${Math.round((60 * size) / most)}px`, background: color }}
              />
              <bdi>{nameOf(other)}</bdi> <span class="attnw-quiet">{w.lines.position(other)}</span>
            </li>
          );
        })}
      </ol>
      {hiddenShare !== null && (
        <p class="attnw-quiet attnw-small">{w.lines.hiddenShare(percent(hiddenShare))}</p>
      )}
    </div>
  );
}

/** Four decimals: what Python has sent, as far as it is read. */
function long(value: number, change: boolean): string {
  const sign = change ? (value < 0 ? "−" : "+") : "";
  return `${sign}${Math.abs(value).toFixed(4)}`;
}

function rowTitle(state: ViewState, name: string): string {
  const w = state.words.value;
  const shown = state.second.shown.value;
  const between = state.between.value;
  if (!between || shown === "first") return w.rowOf(name);
  return shown === "difference" ? between.rowChange(name) : between.row(name);
}

function columnTitle(state: ViewState, name: string): string {
  const w = state.words.value.lines;
  if (state.second.shown.value === "difference") return w.byChange(name);
  return state.arriving.value ? w.byArrives(name) : w.by(name);
}
