import { useId } from "preact/hooks";
import { type Given, isAssignment } from "../../masks/assignment";
import {
  compose,
  decompose,
  FAMILIES,
  family,
  type Join,
  startTerm,
  type Term,
} from "../../masks/families";
import { NumberInput } from "../NumberInput";
import type { LabState } from "./state";

const JOINS: readonly Join[] = ["or", "and", "minus"];

/** The parts of the mask: a family each, its knobs, and how it joins the ones above. */
export function Builder({ state }: { state: LabState }) {
  const { store } = state;
  const w = state.words.value;
  const { mask: trait, n } = store.traits;
  const terms = trait.value ? partsOf(trait.value) : [];
  const put = (next: readonly Term[], pace: "choose" | "drag" = "choose") =>
    store[pace]({ mask: compose(next) });
  const now = () => (trait.peek() && partsOf(trait.peek()!)) || [];
  const change = (index: number, part: Partial<Term>, pace: "choose" | "drag" = "choose") =>
    put(
      now().map((term, i) => (i === index ? { ...term, ...part } : term)),
      pace,
    );
  return (
    <section class="attnw-panel" aria-label={w.parts}>
      <h3>{w.parts}</h3>
      {terms === null && <p class="attnw-quiet attnw-small">{w.custom}</p>}
      {(terms ?? []).map((term, index) => (
        <Part
          key={index}
          state={state}
          term={term}
          first={index === 0}
          onChange={(part, pace) => change(index, part, pace)}
          onRemove={() => put(now().filter((_, i) => i !== index))}
        />
      ))}
      <p>
        <button
          type="button"
          data-testid="attnw-add-part"
          onClick={() => put([...now(), startTerm("global", n.peek())])}
        >
          {w.addPart}
        </button>{" "}
        <span class="attnw-quiet attnw-small">{w.partsNote}</span>
      </p>
    </section>
  );
}

function partsOf(given: Given): Term[] | null {
  return isAssignment(given) ? null : decompose(given);
}

function Part(props: {
  readonly state: LabState;
  readonly term: Term;
  readonly first: boolean;
  readonly onChange: (part: Partial<Term>, pace?: "choose" | "drag") => void;
  readonly onRemove: () => void;
}) {
  const { state, term, first, onChange } = props;
  const w = state.words.value;
  const n = state.store.traits.n.value;
  const id = useId();
  const { knobs } = family(term.family);
  const hasRecord = state.store.traits._layers.value.length > 0;
  return (
    <div class="attnw-part">
      <div class="attnw-row">
        {!first && (
          <select
            aria-label={w.partsNote}
            value={term.join}
            onChange={(event) => onChange({ join: event.currentTarget.value as Join })}
          >
            {JOINS.map((join) => (
              <option key={join} value={join} selected={join === term.join}>
                {w.joins[join]}
              </option>
            ))}
          </select>
        )}
        <label class="attnw-switch">
          <input
            type="checkbox"
            checked={term.negated}
            onChange={(event) => onChange({ negated: event.currentTarget.checked })}
          />
          {w.negated}
        </label>
        <select
          aria-label={w.family}
          data-testid="attnw-family"
          value={term.family}
          onChange={(event) => {
            const { family: id, values } = startTerm(event.currentTarget.value, n);
            onChange({ family: id, values });
          }}
        >
          {FAMILIES.filter(({ data }) => !data || hasRecord).map(({ id: name }) => (
            <option key={name} value={name} selected={name === term.family}>
              {w.families[name] ?? name}
            </option>
          ))}
        </select>
        <button
          type="button"
          class="attnw-plain"
          aria-label={w.removePart}
          onClick={props.onRemove}
        >
          ×
        </button>
      </div>
      <p class="attnw-quiet attnw-small">{w.familySays[term.family]}</p>
      {knobs.map((knob, at) => {
        const value = term.values[at] ?? knob.start;
        const set = (next: number, pace: "choose" | "drag") =>
          onChange({ values: term.values.map((old, i) => (i === at ? next : old)) }, pace);
        const name = w.knobs[knob.name] ?? knob.name;
        return (
          <div class="attnw-row" key={knob.name}>
            <label for={`${id}-${knob.name}`} class="attnw-knob">
              {name}
            </label>
            <input
              id={`${id}-${knob.name}`}
              type="range"
              data-testid={`attnw-knob-${knob.name}`}
              min={knob.least}
              max={knob.most(n)}
              step={1}
              value={value}
              onInput={(event) => set(event.currentTarget.valueAsNumber, "drag")}
            />
            <NumberInput
              id={`${id}-${knob.name}-number`}
              label={name}
              testid={`attnw-number-${knob.name}`}
              least={knob.least}
              most={knob.most(n)}
              range={w.range}
              value={value}
              onCommit={(next) => set(next ?? knob.start, "choose")}
            />
          </div>
        );
      })}
    </div>
  );
}
