import { useEffect } from "preact/hooks";
import { keyTokens } from "../../data/decode";
import type { TokenInfo } from "../../data/types";
import { css, ROLE, roleKey } from "../../draw/color";
import { clipped, percent } from "../../text/numbers";
import { visible } from "../../text/tokens";
import type { ExactRows, RowName } from "../exact";
import { useOwnId } from "../ids";
import type { ViewState } from "../state";
import { from, sides } from "./shares";
import { weighed } from "./weigh";

/** Keys drawn one by one; the rest are one line together. */
const NAMED = 7;
const LINE = 17;
const WIDTH = 270;
const REACH = 86;
/** The line of a key that takes the whole row. */
const THICK = 16;

const SIDES = ["first", "second"] as const;

/** One row of the head in focus: where it looks and, where that is known, what arrives. */
export function OneRow({ state, rows }: { state: ViewState; rows: ExactRows }) {
  const w = state.words.value;
  const t = state.store.traits;
  const info = state.info.value;
  const id = useOwnId();
  const [layer, head] = [t.layer.value, t.head.value];
  const titles = sides(state);
  const twice = titles.length > 1;
  const role = from(state);
  const own = role === null ? undefined : info.special.rows[role]?.query;
  const query = t.query.value ?? own ?? (twice ? widestApart(state) : firstWord(state));
  const names: RowName[] = SIDES.slice(0, twice ? 2 : 1).map((of) => ({ layer, head, query, of }));
  rows.arrivals.value;
  useEffect(() => {
    rows.want(names);
  }, [layer, head, query, info, t._second.value]);
  const drawnRows = names.map((name) => rows.get(name) ?? state.rowOf(name));
  const key = t.key.value;
  const size = (at: number) => (at === key ? 2 : Math.max(...drawnRows.map((row) => row[at]!)));
  const ranked = [...drawnRows[0]!.keys()].sort((a, b) => size(b) - size(a));
  const drawn = ranked.slice(0, NAMED).sort((a, b) => a - b);
  const rest = ranked.slice(NAMED);
  const name = called(info.tokens, query, 14);
  const title = weighed(state) ? w.twiceTitle : w.onceTitle;
  return (
    <section class="attnw-stack" aria-label={title} data-testid="attnw-special-row">
      <h4>{title}</h4>
      <div class="attnw-line">
        <label for={id}>{w.twiceRow}</label>
        <select
          id={id}
          value={query}
          onChange={(event) => state.store.choose({ query: Number(event.currentTarget.value) })}
        >
          {info.tokens.map((token, at) => (
            <option key={at} value={at}>
              {`${at} ${clipped(visible(token.text), 24)}`}
            </option>
          ))}
        </select>
        <span>{w.headReading(layer, head)}</span>
      </div>
      <div class="attnw-twice">
        {drawnRows.map((row, i) => (
          <Fan
            key={SIDES[i]}
            state={state}
            title={titles[i] || w.normsFirst}
            query={name}
            row={row}
            drawn={drawn}
            rest={rest}
          />
        ))}
      </div>
      <p class="attnw-quiet attnw-small">{twice ? w.twiceHelp : w.onceHelp}</p>
    </section>
  );
}

function Fan(props: {
  readonly state: ViewState;
  readonly title: string;
  readonly query: string;
  readonly row: Float32Array;
  readonly drawn: readonly number[];
  readonly rest: readonly number[];
}) {
  const { state, title, query, row, drawn, rest } = props;
  const w = state.words.value;
  const keys = keyTokens(state.info.value);
  const colors = ROLE[state.theme.value];
  const lines = drawn.map((key) => {
    const role = roleKey(keys[key]!.role);
    return {
      id: String(key),
      name: called(keys, key, 12),
      share: row[key]!,
      color: role ? css(colors[role]) : "currentColor",
    };
  });
  if (rest.length > 0) {
    const share = rest.reduce((sum, key) => sum + row[key]!, 0);
    lines.push({ id: "rest", name: w.twiceOthers(rest.length), share, color: "currentColor" });
  }
  const height = LINE * lines.length;
  const middle = height / 2;
  const said = lines.map(({ name, share }) => `${name} ${percent(share)}`).join(w.comma);
  return (
    <figure class="attnw-drift">
      <figcaption>{title}</figcaption>
      <svg
        class="attnw-fan"
        viewBox={`0 0 ${WIDTH} ${height}`}
        width={WIDTH}
        role="img"
        aria-label={w.twiceSaid(title, query, said)}
      >
        <text x={58} y={middle + 4} text-anchor="end">
          {query}
        </text>
        {lines.map(({ id, name, share, color }, at) => {
          const y = LINE * (at + 0.5);
          return (
            <g key={id}>
              <path
                d={`M 63 ${middle} C ${63 + REACH / 2} ${middle} ${63 + REACH / 2} ${y} ${63 + REACH} ${y}`}
                stroke={color}
                stroke-width={THICK * share}
              />
              <text x={68 + REACH} y={y + 4}>
                {name} <tspan class="attnw-strong">{percent(share)}</tspan>
              </text>
            </g>
          );
        })}
      </svg>
    </figure>
  );
}

/** A token by its text, and by its position where another is spelt alike. */
function called(tokens: readonly TokenInfo[], at: number, most: number): string {
  const { text } = tokens[at]!;
  const name = clipped(visible(text), most);
  return tokens.some((other, i) => i !== at && other.text === text) ? `${name} (${at})` : name;
}

/** The words among the queries; the text where it has none, or all there is. */
function words(tokens: readonly TokenInfo[]): number[] {
  const pick = (keep: (role: string) => boolean) =>
    tokens.flatMap(({ role }, at) => (keep(role) ? [at] : []));
  const named = pick((role) => !roleKey(role) && role !== "punctuation");
  const text = named.length > 0 ? named : pick((role) => !roleKey(role));
  return text.length > 0 ? text : [0];
}

function firstWord(state: ViewState): number {
  return words(state.info.value.tokens)[0]!;
}

/** The word whose two rows differ most, by the pictures. */
function widestApart(state: ViewState): number {
  const { layer, head } = state.store.traits;
  let best = firstWord(state);
  let most = -1;
  for (const query of words(state.info.value.tokens)) {
    const [one, other] = SIDES.map((of) =>
      state.rowOf({ layer: layer.value, head: head.value, query, of }),
    );
    const apart = one!.reduce((sum, weight, key) => sum + Math.abs(weight - other![key]!), 0);
    if (apart > most) [best, most] = [query, apart];
  }
  return best;
}
