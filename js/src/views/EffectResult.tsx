import { keyTokens } from "../data/decode";
import type { Effect, Guess } from "../data/types";
import { nearOne, percent, signed, weight } from "../text/numbers";
import { visible } from "../text/tokens";
import { saidAll } from "./edits";
import { shownWith } from "./reveal";
import type { ViewState } from "./state";

/** Heads that are named as having moved most. */
const NAMED = 5;
/** Proposals shown of each place. */
const GUESSES = 3;
const STRIP = { width: 240, height: 44, gap: 2 };

/** What a run under a change did: to the layers, the heads, and what the model says. */
export function EffectResult({ state, effect }: { state: ViewState; effect: Effect }) {
  const w = state.words.value;
  return (
    <div class="attnw-result" aria-live="polite" data-testid="attnw-effect-result">
      <h4>
        <bdi title={effect.written}>
          {w.effectOf(saidAll(effect, w, keyTokens(state.info.value)))}
        </bdi>
      </h4>
      {effect.vector && <p>{w.vectorMoved(nearOne(effect.vector.cosine))}</p>}
      {effect.kept && <p>{w.effectKept(percent(mean(effect.kept)))}</p>}
      {state.second.info.value?.kind === "norms" && <p class="attnw-quiet">{w.effectAside}</p>}
      <Drift state={state} effect={effect} />
      <MovedMost state={state} />
      <Predictions state={state} effect={effect} />
      <Labels state={state} effect={effect} />
      <Candidates state={state} effect={effect} />
    </div>
  );
}

/** A bar per layer: how far its output moved, in all and by its own doing. */
function Drift({ state, effect }: { state: ViewState; effect: Effect }) {
  const w = state.words.value;
  const { free_l1: free, forced_l1: forced } = effect.drift;
  const most = Math.max(...free, ...forced, 1e-9);
  const step = STRIP.width / free.length;
  const bar = (value: number) => (STRIP.height * value) / most;
  return (
    <figure class="attnw-drift">
      <figcaption>{w.driftTitle}</figcaption>
      <svg
        viewBox={`0 0 ${STRIP.width} ${STRIP.height + 14}`}
        width={STRIP.width}
        role="img"
        aria-label={free.map((v, i) => w.driftSaid(i, percent(v), percent(forced[i]!))).join("; ")}
      >
        {free.map((value, layer) => {
          const x = layer * step;
          const half = (step - STRIP.gap) / 2;
          const own = forced[layer]!;
          return (
            <g key={layer}>
              <title>{w.driftSaid(layer, percent(value), percent(own))}</title>
              <rect
                class="attnw-drift-free"
                x={x}
                y={STRIP.height - bar(value)}
                width={half}
                height={bar(value)}
              />
              <rect
                class="attnw-drift-forced"
                x={x + half}
                y={STRIP.height - bar(own)}
                width={half}
                height={bar(own)}
              />
              {(step > 14 || layer % 4 === 0) && (
                <text x={x + half} y={STRIP.height + 11} text-anchor="middle">
                  {layer}
                </text>
              )}
            </g>
          );
        })}
        <line x1={0} x2={STRIP.width} y1={STRIP.height} y2={STRIP.height} />
      </svg>
      <ul class="attnw-keys">
        <li>
          <i class="attnw-swatch attnw-free" />
          {w.driftFree}
        </li>
        <li>
          <i class="attnw-swatch attnw-forced" />
          {w.driftForced}
        </li>
      </ul>
      <p class="attnw-quiet attnw-small">{w.driftScale(percent(most))}</p>
    </figure>
  );
}

function MovedMost({ state }: { state: ViewState }) {
  const w = state.words.value;
  const { layers, heads } = state.info.value;
  if (state.second.info.value?.kind !== "rerun") return null;
  const all = layers.flatMap((layer) =>
    heads.map((head) => ({ layer, head, moved: state.moved(layer, head) })),
  );
  const best = all.sort((a, b) => b.moved - a.moved).slice(0, NAMED);
  return (
    <div class="attnw-line">
      <span>{w.movedMost}</span>
      {best.map(({ layer, head, moved }) => (
        <button
          key={`${layer}/${head}`}
          type="button"
          onClick={() => state.store.choose({ layer, head, ...shownWith(state, layer, head) })}
        >
          {w.headReading(layer, head)} <b>{percent(moved)}</b>
        </button>
      ))}
    </div>
  );
}

function Predictions({ state, effect }: { state: ViewState; effect: Effect }) {
  const w = state.words.value;
  const tokens = state.info.value.tokens;
  if (effect.predictions.length === 0) return null;
  const guesses = (all: readonly Guess[]) => (
    <td>
      {all.slice(0, GUESSES).map(({ token, probability }) => (
        <span key={token} class="attnw-target">
          <bdi>{visible(token)}</bdi> <b>{percent(probability)}</b>
        </span>
      ))}
    </td>
  );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls where the panel is narrow
    <section class="attnw-table" aria-label={w.predictionsTitle} tabIndex={0}>
      <table>
        <caption>{w.predictionsTitle}</caption>
        <thead>
          <tr>
            {[w.predictionAt, w.between.rerun.first, w.between.rerun.second, w.predictionKl].map(
              (name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {effect.predictions.map(({ position, before, after, kl }) => (
            <tr key={position}>
              <th scope="row">
                <bdi>{visible(tokens[position]?.text ?? "")}</bdi>{" "}
                <span class="attnw-quiet">{position}</span>
              </th>
              {guesses(before)}
              {guesses(after)}
              <td>{kl > 0 && kl < 0.0005 ? "<0.001" : weight(kl)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Labels({ state, effect }: { state: ViewState; effect: Effect }) {
  const { labels } = effect;
  const w = state.words.value;
  if (!labels) return null;
  const say = labels.unit === "score" ? signed : percent;
  return (
    <Twice
      title={w.labelsTitle}
      state={state}
      rows={labels.labels.map((name, i) => [name, say(labels.before[i]!), say(labels.after[i]!)])}
    />
  );
}

/** The texts it is compared with, nearest first, before and after. */
function Candidates({ state, effect }: { state: ViewState; effect: Effect }) {
  const w = state.words.value;
  const { vector } = effect;
  if (!vector || vector.candidates.length === 0) return null;
  const place = (values: readonly number[], i: number) =>
    1 + values.filter((value) => value > values[i]!).length;
  const order = vector.candidates
    .map((text, i) => ({ text, i }))
    .sort((a, b) => vector.before[b.i]! - vector.before[a.i]!);
  return (
    <Twice
      title={w.candidatesTitle}
      state={state}
      rows={order.map(({ text, i }) => [
        w.quoted(text),
        w.ranked(place(vector.before, i), signed(vector.before[i]!)),
        w.ranked(place(vector.after, i), signed(vector.after[i]!)),
      ])}
    />
  );
}

function Twice(props: {
  title: string;
  state: ViewState;
  rows: readonly (readonly [string, string, string])[];
}) {
  const w = props.state.words.value;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls where the panel is narrow
    <section class="attnw-table" aria-label={props.title} tabIndex={0}>
      <table>
        <caption>{props.title}</caption>
        <thead>
          <tr>
            <td />
            <th scope="col">{w.between.rerun.first}</th>
            <th scope="col">{w.between.rerun.second}</th>
          </tr>
        </thead>
        <tbody>
          {props.rows.map(([name, before, after]) => (
            <tr key={name}>
              <th scope="row">
                <bdi>{name}</bdi>
              </th>
              <td>{before}</td>
              <td>{after}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function mean(table: readonly (readonly number[])[]): number {
  const all = table.flat();
  return all.reduce((a, b) => a + b, 0) / all.length;
}
