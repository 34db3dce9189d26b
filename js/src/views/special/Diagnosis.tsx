import type { AnyModel } from "@anywidget/types";
import { useSignal } from "@preact/signals";
import type { Card, CardFinding, CardItem, CardPlace } from "../../data/types";
import { useTold } from "../neuron/telling";
import { shownWith } from "../reveal";
import type { ViewState } from "../state";
import { weigh, weighed } from "./weigh";

/** Where a head is seen: in full, or in the report by itself. */
const PICTURES = ["attnw-matrix", "attnw-special-heads"];

type Props = { state: ViewState; model: AnyModel; signal: AbortSignal };

/** What the textbook would say of the picture, and what speaks for it: a reading, no verdict. */
export function Diagnosis(props: Props) {
  const { state } = props;
  const w = state.words.value;
  const cards = state.store.traits._diagnosis.value;
  const card = cards[state.lang.value];
  const open = useSignal(false);
  const question = open.value && !card && !cards.absent ? { ask: "diagnosis" } : null;
  const silent = useTold(state, props.model, props.signal, question);
  if (cards.absent) return <p class="attnw-quiet">{w.cardAbsent(cards.absent)}</p>;
  return (
    <details
      class="attnw-card"
      data-testid="attnw-diagnosis"
      onToggle={({ currentTarget }) => {
        open.value = currentTarget.open;
      }}
    >
      <summary>
        <b>{w.cardTitle}</b> {card?.headline}
      </summary>
      {card ? (
        <Told {...props} card={card} />
      ) : (
        <p class="attnw-quiet" aria-live="polite">
          {silent ? w.cardNeedsPython : w.cardAsking}
        </p>
      )}
    </details>
  );
}

function Told({ card, ...props }: Props & { card: Card }) {
  const w = props.state.words.value;
  return (
    <div class="attnw-stack">
      <p class="attnw-quiet attnw-small">{[card.title, ...card.notes].join(" · ")}</p>
      {card.states.map((finding) => (
        <Finding key={finding.name} {...props} finding={finding} />
      ))}
      <Fold title={w.cardStory}>
        {card.story.map((finding) => (
          <Finding key={finding.name} {...props} finding={finding} />
        ))}
      </Fold>
      <Fold title={w.cardEvidence}>
        <Items {...props} items={card.evidence} />
      </Fold>
      <Fold title={w.cardHint}>
        <Items {...props} items={card.hint.items} />
        <ShowMe {...props} where={card.hint.where} />
      </Fold>
      <Fold title={w.cardCannot}>
        <Items {...props} items={card.cannot_conclude} />
      </Fold>
    </div>
  );
}

function Fold({ title, children }: { title: string; children: preact.ComponentChildren }) {
  return (
    <details>
      <summary>{title}</summary>
      <div class="attnw-stack">{children}</div>
    </details>
  );
}

function Finding({ finding, ...props }: Props & { finding: CardFinding }) {
  const w = props.state.words.value;
  return (
    <section class="attnw-finding" aria-label={finding.title} data-state={finding.state}>
      <h4>
        {finding.title} <span class="attnw-seen">{w.cardStates[finding.state]}</span>
      </h4>
      {finding.sentences.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      <ShowMe {...props} where={finding.where} />
    </section>
  );
}

function Items({ items, ...props }: Props & { items: readonly CardItem[] }) {
  return items.map(({ name, title, text, where }) => (
    <section key={name} class="attnw-finding" aria-label={title}>
      <h4>{title}</h4>
      <p>{text}</p>
      <ShowMe {...props} where={where} />
    </section>
  ));
}

/** Links that move the picture to the evidence. */
function ShowMe({ where, ...props }: Props & { where: readonly CardPlace[] }) {
  const w = props.state.words.value;
  if (where.length === 0) return null;
  return (
    <div class="attnw-line">
      <span>{where.some(({ seen }) => seen) ? w.showMe : w.showNearest}</span>
      {where.map((place) => (
        <button
          key={`${place.layer} ${place.head}`}
          type="button"
          onClick={({ currentTarget }) => void show(props, place, currentTarget)}
        >
          {w.headReading(place.layer, place.head)}
        </button>
      ))}
    </div>
  );
}

async function show(
  { state, model, signal }: Props,
  place: CardPlace,
  button: Element,
): Promise<void> {
  const { layer, head, query, key, role } = place;
  const t = state.store.traits;
  const norms = place.view === "norms";
  if (norms && !weighed(state) && t._can_weigh.peek()) await weigh(state, model, signal);
  const counted = t.special_roles.peek();
  const known = role !== null && role in state.info.peek().special.groups;
  state.store.choose({
    layer,
    head,
    query,
    key,
    ...shownWith(state, layer, head),
    shown: norms && weighed(state) ? "second" : "first",
    special_mode: "mark",
    special_from: query === null ? null : role,
    special_roles: !known || counted.includes(role) ? counted : [...counted, role],
    view: "matrix",
    averaged: false,
    zoom: null,
  });
  const app = button.closest(".attnw-app");
  const picture = PICTURES.map((id) => app?.querySelector(`[data-testid=${id}]`)).find(Boolean);
  picture?.scrollIntoView({ block: "nearest" });
}
