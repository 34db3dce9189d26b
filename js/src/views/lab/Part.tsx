import { format } from "../../masks";
import { type Family, family, type Knob } from "../../masks/families";
import { type Join, startTerm, type Term, WRITTEN } from "../../masks/parts";
import type { LabWords } from "../../text/lab.en";
import { clipped } from "../../text/numbers";
import { useOwnId } from "../ids";
import { NumberInput } from "../NumberInput";

const JOINS: readonly Join[] = ["or", "and", "minus"];

/** One part of the mask. */
export function Part(props: {
  readonly words: LabWords;
  readonly n: number;
  readonly term: Term;
  readonly first: boolean;
  readonly offered: readonly Family[];
  readonly onChange: (part: Partial<Term>) => void;
  /** Turn one of the knobs, counted from 0. */
  readonly onKnob: (at: number, value: number, pace: "choose" | "drag") => void;
  readonly onRemove: () => void;
}) {
  const { words: w, n, term, first, offered, onChange } = props;
  const id = useOwnId();
  const knobs = term.written ? [] : family(term.family).knobs;
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
            const { join, negated } = term;
            onChange({
              ...startTerm(event.currentTarget.value, n),
              join,
              negated,
              written: undefined,
            });
          }}
        >
          {term.written && (
            <option value={WRITTEN} selected>
              {w.written}
            </option>
          )}
          {offered.map(({ id: name }) => (
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
      {term.written ? (
        <p class="attnw-quiet attnw-small">
          <code>{clipped(format(term.written))}</code> {w.custom}
        </p>
      ) : (
        <p class="attnw-quiet attnw-small">{w.familySays[term.family]}</p>
      )}
      {knobs.map((knob, at) => (
        <KnobRow
          key={knob.name}
          id={`${id}-${knob.name}`}
          words={w}
          n={n}
          knob={knob}
          value={term.values[at] ?? knob.start}
          onChange={(next, pace) => props.onKnob(at, next, pace)}
        />
      ))}
    </div>
  );
}

function KnobRow(props: {
  readonly id: string;
  readonly words: LabWords;
  readonly n: number;
  readonly knob: Knob;
  readonly value: number;
  readonly onChange: (value: number, pace: "choose" | "drag") => void;
}) {
  const { id, words: w, n, knob, value, onChange } = props;
  const name = w.knobs[knob.name] ?? knob.name;
  const testid = `attnw-knob-${knob.name}`;
  if (knob.flag)
    return (
      <label class="attnw-switch">
        <input
          type="checkbox"
          data-testid={testid}
          checked={value === 1}
          onChange={(event) => onChange(Number(event.currentTarget.checked), "choose")}
        />
        {name}
      </label>
    );
  return (
    <div class="attnw-row">
      <label for={id} class="attnw-knob">
        {name}
      </label>
      <input
        id={id}
        type="range"
        data-testid={testid}
        min={knob.least}
        max={knob.most(n)}
        step={knob.step ?? 1}
        value={value}
        onInput={(event) => onChange(event.currentTarget.valueAsNumber, "drag")}
      />
      <NumberInput
        id={`${id}-number`}
        label={name}
        testid={`attnw-number-${knob.name}`}
        least={knob.least}
        most={knob.most(n)}
        range={w.range}
        value={value}
        onCommit={(next) => onChange(next ?? knob.start, "choose")}
      />
    </div>
  );
}
