import { keyTokens } from "../../data/decode";
import type { Score } from "../../data/told";
import { css, ROLE, roleKey } from "../../draw/color";
import { rivals, type Steps } from "../../draw/score";
import { clipped, weight } from "../../text/numbers";
import { isolated, visible } from "../../text/tokens";
import type { ViewState } from "../state";

const MOST = 8;

/** The keys that compete for the query's attention, each with its score and the weight it gets. */
export function Rivals(props: {
  readonly state: ViewState;
  readonly score: Score;
  readonly computed: Steps;
  readonly onPick: (key: number) => void;
}) {
  const { state, score, computed, onPick } = props;
  const w = state.words.value.neuron;
  const keys = keyTokens(state.info.value);
  const { named, others, share } = rivals(computed.shares, score.key, MOST);
  const colors = ROLE[state.theme.value];
  const bar = (share: number, role = "") => {
    const key = roleKey(role);
    const color = key ? { background: css(colors[key]) } : {};
    return (
      <span class="attnw-rival-track">
        {share > 0 && <i style={{ width: `${100 * Math.min(1, share)}%`, ...color }} />}
      </span>
    );
  };
  return (
    <ul class="attnw-rivals" aria-label={w.rivals}>
      {named.map((key) => {
        const { text, role } = keys[key]!;
        const mine = key === score.key;
        const value = computed.scores[key]!;
        const competes = computed.competes[key] === 1;
        return (
          <li key={key}>
            <button type="button" aria-pressed={mine} title={w.pick} onClick={() => onPick(key)}>
              <span class="attnw-rival-name">
                <bdi>{isolated(clipped(visible(text), 14))}</bdi>{" "}
                <span class="attnw-quiet">{key}</span>
              </span>
              <span class="attnw-rival-score" title={String(value)}>
                {competes ? fixed(value) : "−∞"}
              </span>
              {bar(computed.shares[key]!, role)}
              <span class="attnw-rival-weight">
                {competes ? weight(computed.shares[key]!) : "0"}
              </span>
            </button>
          </li>
        );
      })}
      {others > 0 && (
        <li class="attnw-rival-rest">
          <span class="attnw-rival-name">{w.others(others)}</span>
          <span class="attnw-rival-score" />
          {bar(share)}
          <span class="attnw-rival-weight">{weight(share)}</span>
        </li>
      )}
      {computed.rest > 5e-4 && (
        <li class="attnw-rival-rest">
          <span class="attnw-rival-name">{w.nobody}</span>
          <span class="attnw-rival-score" />
          {bar(computed.rest)}
          <span class="attnw-rival-weight">{weight(computed.rest)}</span>
        </li>
      )}
    </ul>
  );
}

/** A score, so that those of a row can be compared digit by digit. */
function fixed(score: number): string {
  return score.toFixed(2).replace("-", "−");
}
