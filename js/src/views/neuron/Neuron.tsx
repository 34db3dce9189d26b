import { useMemo } from "preact/hooks";
import { floats, keyTokens } from "../../data/decode";
import { absenceOf, type Score, scoreOf } from "../../data/told";
import type { RecordInfo } from "../../data/types";
import { steps } from "../../draw/score";
import type { FocusProps } from "../Focus";
import type { ViewState } from "../state";
import { Dimensions } from "./Dimensions";
import { StepByStep } from "./StepByStep";
import { Stepper } from "./Stepper";
import { useTold } from "./telling";

/** How the score of one pair comes about, from its query and key to the weight. */
export function Neuron({ state, model, signal, width }: FocusProps) {
  const t = state.store.traits;
  const w = state.words.value;
  const info = state.info.value;
  const score = scoreOf(t._score.value);
  const absent = absenceOf(t._score.value);
  const [layer, head, query, key] = [t.layer.value, t.head.value, t.query.value, t.key.value];
  const here = absent !== null || (!!score && fits(score, layer, head, query, key));
  const question = here ? null : { ask: "score", layer, head, query, key };
  const silent = useTold(state, model, signal, question);
  const computed = useMemo(() => score && steps(parts(score, info)), [score, info]);
  if (absent !== null) return <Absent state={state} line={absent} />;
  if (!score || !computed)
    return (
      <p class="attnw-quiet" aria-live="polite">
        {silent ? w.neuron.needsPython : w.neuron.asking}
      </p>
    );
  const pick = (picked: { query?: number; key?: number }) =>
    state.store.choose({ query: score.query, key: score.key, ...picked });
  const others = state.second.shown.value !== "first";
  return (
    <div class="attnw-neuron" data-testid="attnw-neuron" aria-busy={!here && !silent}>
      {!here && silent && (
        <p class="attnw-kept" role="status">
          {w.neuron.kept(score.layer, score.head)}{" "}
          <button
            type="button"
            onClick={() =>
              state.store.choose({
                layer: score.layer,
                head: score.head,
                query: score.query,
                key: score.key,
              })
            }
          >
            {w.neuron.goThere}
          </button>
        </p>
      )}
      {(state.seen.value.mean || others) && (
        <p class="attnw-quiet attnw-small">
          {w.neuron.oneHead(score.layer, score.head)} {others && w.ofTheFirst}
        </p>
      )}
      <p class="attnw-pair">
        {w.neuron.pair(
          <Stepper
            name={w.neuron.query}
            tokens={info.tokens}
            at={score.query}
            before={w.neuron.before}
            after={w.neuron.after}
            onChoose={(query) => pick({ query })}
          />,
          <Stepper
            name={w.neuron.key}
            tokens={keyTokens(info)}
            at={score.key}
            before={w.neuron.before}
            after={w.neuron.after}
            onChoose={(key) => pick({ key })}
          />,
        )}
      </p>
      <Dimensions state={state} score={score} computed={computed} width={width} />
      <StepByStep state={state} score={score} computed={computed} onPick={(key) => pick({ key })} />
    </div>
  );
}

function fits(
  told: Score,
  layer: number,
  head: number,
  query: number | null,
  key: number | null,
): boolean {
  return (
    told.layer === layer &&
    told.head === head &&
    (query === null ? told.asked[2] === null : told.query === query) &&
    (key === null ? told.asked[3] === null : told.key === key)
  );
}

function parts(score: Score, info: RecordInfo) {
  const keys = keyTokens(info);
  const own = score.query + keys.length - info.tokens.length;
  return {
    q: floats(score.q),
    k: floats(score.k),
    key: score.key,
    dots: floats(score.dots),
    bias: score.bias && floats(score.bias),
    weights: floats(score.weights),
    scaling: score.scaling,
    softcap: score.softcap,
    sink: score.sink,
    barred: (key: number) => keys[key]!.role === "pad" || (info.kind === "decoder" && key > own),
  };
}

/** What to do where the record holds no queries and keys. */
function Absent({ state, line }: { state: ViewState; line: string }) {
  const w = state.words.value.neuron;
  return (
    <div class="attnw-neuron">
      <p>{line ? w.absent : w.never}</p>
      {line && (
        <pre class="attnw-python">
          <code>{line}</code>
        </pre>
      )}
    </div>
  );
}
