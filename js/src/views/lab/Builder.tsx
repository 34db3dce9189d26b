import { useRef } from "preact/hooks";
import { FAMILIES } from "../../masks/families";
import { startTerm, type Term } from "../../masks/parts";
import { Part } from "./Part";
import type { LabState } from "./state";

type Pace = "choose" | "drag";

/** The parts of the mask: a family each, its knobs, and how it joins the ones above. */
export function Builder({ state }: { state: LabState }) {
  const w = state.words.value;
  const { n, _layers } = state.store.traits;
  const add = useRef<HTMLButtonElement>(null);
  const offered = FAMILIES.filter(({ data }) => !data || _layers.value.length > 0);
  const now = () => state.terms.peek() ?? [];
  const change = (index: number, part: (term: Term) => Partial<Term>, pace: Pace = "choose") =>
    state.putTerms(
      now().map((term, i) => (i === index ? { ...term, ...part(term) } : term)),
      pace,
    );
  return (
    <section class="attnw-panel" aria-label={w.parts}>
      <h3>{w.parts}</h3>
      {(state.terms.value ?? []).map((term, index) => (
        <Part
          key={index}
          words={w}
          n={n.value}
          term={term}
          first={index === 0}
          offered={offered}
          onChange={(part) => change(index, () => part)}
          onKnob={(at, value, pace) =>
            change(index, ({ values }) => ({ values: values.with(at, value) }), pace)
          }
          onRemove={() => {
            state.putTerms(
              now().filter((_, i) => i !== index),
              "choose",
            );
            add.current?.focus();
          }}
        />
      ))}
      <p>
        <button
          ref={add}
          type="button"
          data-testid="attnw-add-part"
          onClick={() => state.putTerms([...now(), startTerm(unused(now()), n.peek())], "choose")}
        >
          {w.addPart}
        </button>{" "}
        <span class="attnw-quiet attnw-small">{w.partsNote}</span>
      </p>
    </section>
  );
}

/** A new part is one that changes the mask. */
function unused(terms: readonly Term[]): string {
  const order = ["global", "dilated", "sink", "random"];
  return order.find((id) => terms.every((term) => term.family !== id)) ?? "global";
}
