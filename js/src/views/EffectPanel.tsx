import type { AnyModel } from "@anywidget/types";
import { useRef, useState } from "preact/hooks";
import { keyTokens } from "../data/decode";
import { NoReply, request } from "../data/request";
import type { EditSpec, Effect } from "../data/types";
import { roleKey } from "../draw/color";
import type { TokenRef } from "../masks";
import { EffectResult } from "./EffectResult";
import {
  ablation,
  added,
  biased,
  biasOf,
  knockOut,
  levelling,
  muting,
  said,
  same,
  tokenName,
} from "./edits";
import { useOwnId } from "./ids";
import type { ViewState } from "./state";

/** Long texts on a slow machine take their time, and the run can be stopped. */
const PATIENCE = 3600;
/** Scores are in nats: each +1 multiplies the odds of being looked at by e. */
const BIAS = { least: -10, most: 5, step: 0.5 };

type Props = {
  state: ViewState;
  model: AnyModel;
  signal: AbortSignal;
  /** Whether no mask can be drawn beside it. */
  alone?: boolean;
};

/** Change the model's attention, run it again, and see what is different. */
export function EffectPanel(props: Props) {
  const { state } = props;
  const t = state.store.traits;
  const w = state.words.value;
  const effect = t._effect.value;
  const known = effect.written !== undefined;
  return (
    <section class="attnw-panel" aria-label={w.effectTitle} data-testid="attnw-effect">
      <h3>{w.effectTitle}</h3>
      <div class="attnw-halves">
        {t._can_apply.value ? (
          <div class="attnw-stack">
            <Change {...props} />
          </div>
        ) : (
          !known && <p class="attnw-quiet">{w.effectNeeds}</p>
        )}
        {known && <EffectResult state={state} effect={effect as Effect} />}
      </div>
    </section>
  );
}

function Change({ state, model, signal, alone }: Props) {
  const { store } = state;
  const t = store.traits;
  const w = state.words.value;
  const keys = keyTokens(state.info.value);
  const edits = t.edits.value;
  const mask = t.mask_shown.value ? t.mask.value : null;
  const add = (edit: EditSpec) => store.choose({ edits: added(t.edits.peek(), edit) });
  const { layer, head, key } = t;
  const targets = Object.keys(state.info.value.special.groups).filter(
    (group) => roleKey(group) && group !== "pad",
  ) as TokenRef[];
  const picked = key.value === null ? undefined : keys[key.value];
  if (picked && !targets.includes(picked.role as TokenRef)) targets.push(key.value as number);
  return (
    <>
      {targets.length > 0 &&
        (
          [
            [w.knockOut, knockOut],
            [w.mute, muting],
          ] as const
        ).map(([name, edit]) => (
          <fieldset key={name} class="attnw-line">
            <legend>{name}</legend>
            {targets.map((token) => (
              <button key={token} type="button" onClick={() => add(edit(token))}>
                <bdi>{tokenName(token, w, keys)}</bdi>
              </button>
            ))}
          </fieldset>
        ))}
      {targets.map((token) => (
        <Bias
          key={token}
          state={state}
          name={tokenName(token, w, keys)}
          by={biasOf(edits, token)}
          onChoose={(by) => store.choose({ edits: biased(t.edits.peek(), token, by) })}
        />
      ))}
      {(
        [
          [w.ablate, ablation],
          [w.uniformHead, levelling],
        ] as const
      ).map(([name, edit]) => (
        <fieldset key={name} class="attnw-line">
          <legend>{name}</legend>
          <button type="button" onClick={() => add(edit(layer.value, head.value))}>
            {w.headReading(layer.value, head.value)}
          </button>
        </fieldset>
      ))}
      <ul class="attnw-changes" aria-label={w.changesTitle} tabIndex={-1}>
        {mask && <li>{w.changeMask}</li>}
        {edits.map((edit) => {
          const name = said(edit, w, keys);
          return (
            <li key={JSON.stringify(edit)}>
              <bdi>{name}</bdi>
              <button
                type="button"
                class="attnw-plain"
                aria-label={w.changeRemove(name)}
                title={w.changeRemove(name)}
                onClick={(event) => {
                  event.currentTarget.closest("ul")?.focus(); // the button is about to go
                  store.choose({ edits: edits.filter((one) => !same(one, edit)) });
                }}
              >
                ×
              </button>
            </li>
          );
        })}
        {!mask && edits.length === 0 && (
          <li class="attnw-quiet">{alone ? w.changesNoneYet : w.changesNone}</li>
        )}
      </ul>
      <Apply
        state={state}
        model={model}
        signal={signal}
        ready={mask !== null || edits.length > 0}
      />
    </>
  );
}

/** A number added to the scores of a token; it becomes a change when the slider is let go. */
function Bias(props: {
  readonly state: ViewState;
  readonly name: string;
  readonly by: number;
  readonly onChoose: (by: number) => void;
}) {
  const w = props.state.words.value;
  const id = useOwnId();
  const [dragged, setDragged] = useState<number | null>(null);
  const by = dragged ?? props.by;
  return (
    <div class="attnw-line">
      <label for={id}>
        <bdi>{w.biasOn(props.name)}</bdi>
      </label>
      <input
        id={id}
        type="range"
        min={BIAS.least}
        max={BIAS.most}
        step={BIAS.step}
        value={by}
        aria-valuetext={w.biasBy(by)}
        onInput={(event) => setDragged(event.currentTarget.valueAsNumber)}
        onChange={(event) => {
          setDragged(null);
          props.onChoose(event.currentTarget.valueAsNumber);
        }}
      />
      <output for={id}>{w.biasBy(by)}</output>
    </div>
  );
}

/** Run the model; a run may be stopped, and an answer to a former wish is not heeded. */
function Apply({ state, model, signal, ready }: Props & { ready: boolean }) {
  const w = state.words.value;
  const [busy, setBusy] = useState(false);
  const turn = useRef(0);
  const apply = async () => {
    const mine = ++turn.current;
    setBusy(true);
    state.problem.value = null;
    let problem: string | null = null;
    try {
      await request(model, { ask: "apply" }, signal, PATIENCE);
    } catch (error) {
      if (signal.aborted) return;
      const silent = error instanceof NoReply;
      problem = silent ? state.words.peek().noKernel : String((error as Error).message);
    }
    if (mine !== turn.current) return;
    setBusy(false);
    state.problem.value = problem;
  };
  const stop = () => {
    turn.current++;
    setBusy(false);
    request(model, { ask: "cancel" }, signal).catch((error: unknown) => {
      if (!signal.aborted && !(error instanceof NoReply)) throw error;
    });
  };
  return (
    <div class="attnw-line">
      <button
        type="button"
        class="attnw-go"
        aria-disabled={busy || !ready}
        onClick={busy || !ready ? undefined : apply}
      >
        {w.apply}
      </button>
      {busy && (
        <>
          <span role="status">{w.running}</span>
          <button type="button" onClick={stop}>
            {w.stop}
          </button>
        </>
      )}
    </div>
  );
}
