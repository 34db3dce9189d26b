import type { AnyModel } from "@anywidget/types";
import { useMemo, useState } from "preact/hooks";
import { floats } from "../../data/decode";
import { absenceOf, rolloutOf, type Rollout as Told } from "../../data/told";
import { origins } from "../../draw/depth";
import { clipped, percent } from "../../text/numbers";
import { isolated, visible } from "../../text/tokens";
import { Choices } from "../Choices";
import { counted, pointOn, useFrame } from "../canvas";
import { Stepper } from "../neuron/Stepper";
import { useTold } from "../neuron/telling";
import type { ViewState } from "../state";
import { draw, place, ROWS_MOST } from "./strip";

type Kind = "raw" | "norms";

interface Props {
  readonly state: ViewState;
  readonly model: AnyModel;
  readonly signal: AbortSignal;
  readonly width: number;
}

/** Where the picked token comes from, through all layers below the one in focus. */
export function Rollout({ state, model, signal, width }: Props) {
  const t = state.store.traits;
  const w = state.words.value.layers;
  const told = rolloutOf(t._rollout.value);
  const absent = absenceOf(t._rollout.value);
  const [layer, query] = [t.layer.value, t.query.value];
  const here =
    absent !== null ||
    (told?.layer === layer && (query === null ? told.asked[1] === null : told.query === query));
  const silent = useTold(state, model, signal, here ? null : { ask: "rollout", layer, query });
  if (absent !== null) return <p class="attnw-quiet">{w.noRollout[absent]}</p>;
  if (!told)
    return (
      <p class="attnw-quiet" aria-live="polite">
        {silent ? w.needsPython : w.asking}
      </p>
    );
  return (
    <section class="attnw-rollout" aria-label={w.rollout} aria-busy={!here && !silent}>
      {!here && silent && (
        <p class="attnw-kept" role="status">
          {w.kept}{" "}
          <button
            type="button"
            onClick={() => state.store.choose({ layer: told.layer, query: told.query })}
          >
            {state.words.value.neuron.goThere}
          </button>
        </p>
      )}
      <Strip state={state} told={told} width={width} />
    </section>
  );
}

function Strip({ state, told, width }: { state: ViewState; told: Told; width: number }) {
  const { store } = state;
  const t = store.traits;
  const words = state.words.value;
  const w = words.layers;
  const info = state.info.value;
  const tokens = info.tokens;
  const [chosen, choose] = useState<Kind>("raw");
  const [pointed, point] = useState<{ row: number; column: number } | null>(null);
  const kind = told.norms ? chosen : "raw";
  const made = useMemo(
    () => origins(floats(told[kind]!), (info.keyTokens ?? tokens).length, ROWS_MOST),
    [told, kind, info],
  );
  const first = info.layers[0]!;
  const name = (at: number) => isolated(clipped(visible(tokens[at]!.text), 24));
  const names = [
    ...made.tokens.map((at) => visible(tokens[at]!.text)),
    ...(made.others > 0 ? [words.neuron.others(made.others)] : []),
  ];
  const columns = made.rows[0]!.length;
  const look = { theme: state.theme.value, colors: t.colors.value };
  const labels = {
    axis: w.axis,
    input: first === 0 ? w.input : w.before(first),
    first,
    picked: made.tokens.indexOf(told.query),
  };
  const canvas = useFrame(
    (element) => {
      draw(element, { made, names, labels, pointed, width, ...look });
      counted(element);
    },
    [made, pointed, width, look.theme, look.colors, state.lang.value],
  );
  const hit = (element: HTMLCanvasElement, event: MouseEvent) =>
    place(made, width, pointOn(element, event));
  const said = (row: number, column: number) => {
    const what = row < made.tokens.length ? name(made.tokens[row]!) : names[row]!;
    const share = percent(made.rows[row]![column]!);
    const where = column === 0 ? labels.input : w.after(first + column - 1);
    return w.reading(name(told.query), told.layer, share, what, where);
  };
  const move = (event: KeyboardEvent) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    const query = Math.min(tokens.length - 1, Math.max(0, told.query + step));
    store.choose({ query });
    event.preventDefault();
    event.stopPropagation();
  };
  const best = made.tokens
    .map((at, row) => ({ at, share: made.rows[row]![0]! }))
    .sort((a, b) => b.share - a.share)
    .slice(0, 4);
  return (
    <>
      <p class="attnw-pair">
        {w.from(
          <Stepper
            name={words.neuron.query}
            tokens={tokens}
            at={told.query}
            before={words.neuron.before}
            after={words.neuron.after}
            onChoose={(query) => store.choose({ query })}
          />,
          told.layer,
        )}
      </p>
      {told.norms && <Choices name={w.kind} options={w.kinds} value={kind} onChoose={choose} />}
      <canvas
        ref={canvas}
        data-testid="attnw-rollout"
        tabIndex={0}
        role="img"
        aria-label={w.stripLabel(name(told.query), told.layer, columns)}
        onPointerMove={(event) => point(hit(event.currentTarget, event))}
        onPointerLeave={() => point(null)}
        onClick={(event) => {
          const found = hit(event.currentTarget, event);
          const query = found && made.tokens[found.row];
          if (query !== null && query !== undefined) store.choose({ query });
        }}
        onKeyDown={move}
      />
      <p class="attnw-small" aria-live="polite">
        <bdi>
          {pointed
            ? said(pointed.row, pointed.column)
            : w.most(...best.map(({ at, share }) => `${name(at)} ${percent(share)}`))}
        </bdi>
      </p>
      <p class="attnw-quiet attnw-small">{kind === "raw" ? w.rawIs : w.normsIs}</p>
      <p class="attnw-quiet attnw-small">{w.isNot}</p>
    </>
  );
}
