import type { ComponentChildren } from "preact";
import type { Score } from "../../data/told";
import { SAME, type Steps } from "../../draw/score";
import { figure, significant } from "../../text/numbers";
import type { ViewState } from "../state";
import { Rivals } from "./Rivals";

/** From the sum of the products to the weight, each step with its number and in words. */
export function StepByStep(props: {
  readonly state: ViewState;
  readonly score: Score;
  readonly computed: Steps;
  readonly onPick: (key: number) => void;
}) {
  const { state, score, computed: c } = props;
  const w = state.words.value.neuron;
  const dim = score.q.byteLength / 4;
  const root = Math.abs(score.scaling * Math.sqrt(dim) - 1) < 1e-3;
  const keys = c.scores.length;
  const nothing = c.total === 0;
  const apart = Math.abs(c.weight - c.recorded);
  const same = apart <= SAME;
  return (
    <ol class="attnw-steps">
      <Step name={w.sum(dim)} value={c.sum}>
        {w.sumHelp}
      </Step>
      <Step name={w.scaled(figure(score.scaling), root ? dim : null)} value={c.scaled}>
        {score.scaling === 1 ? w.unscaledHelp : w.scaledHelp}
      </Step>
      {c.capped !== null && (
        <Step name={w.capped(figure(score.softcap!))} value={c.capped}>
          {w.cappedHelp(figure(score.softcap!))}
        </Step>
      )}
      {c.added !== null && (
        <Step name={w.added(figure(c.added))} value={c.score}>
          {w.addedHelp}
        </Step>
      )}
      <Step name={w.masked} value={c.forbidden ? "−∞" : c.score}>
        {c.forbidden ? w.forbidden : w.allowed} {w.gone(c.gone, keys)}
      </Step>
      <Step name={w.softmax} value={c.weight}>
        {nothing
          ? w.nothing
          : c.forbidden
            ? w.softmaxForbidden
            : w.softmaxHelp(
                figure(c.score),
                figure(c.top),
                figure(Math.exp(c.score - c.top)),
                figure(c.total),
              )}
        {c.rest > 5e-4 && !nothing && ` ${w.sink(figure(c.rest))}`}
        <Rivals state={state} score={score} computed={c} onPick={props.onPick} />
      </Step>
      <Step name={w.recorded} value={c.recorded}>
        <span class={same ? "" : "attnw-problem"} data-testid="attnw-agrees">
          {same
            ? w.agrees(apart < 5e-7 ? null : significant(apart), state.info.value.dtype)
            : `${w.differs(figure(apart))} ${score.changed ? w.underChange : w.unknown}`}
        </span>
      </Step>
    </ol>
  );
}

function Step(props: {
  readonly name: string;
  readonly value: number | string;
  readonly children: ComponentChildren;
}) {
  const { value } = props;
  return (
    <li>
      <span class="attnw-step">
        <b>{props.name}</b>
        <output title={String(value)}>{typeof value === "number" ? figure(value) : value}</output>
      </span>
      <div class="attnw-quiet attnw-small">{props.children}</div>
    </li>
  );
}
