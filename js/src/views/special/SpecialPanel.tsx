import type { AnyModel } from "@anywidget/types";
import { useState } from "preact/hooks";
import { keyTokens } from "../../data/decode";
import type { PerHead, SpecialMode } from "../../data/types";
import type { Words } from "../../text";
import { percent } from "../../text/numbers";
import { Choices } from "../Choices";
import type { ExactRows } from "../exact";
import { Shown } from "../Shown";
import type { ViewState } from "../state";
import { Diagnosis } from "./Diagnosis";
import { HeadMap } from "./HeadMap";
import { OneRow } from "./OneRow";
import { Profile } from "./Profile";
import { counted, from, perHead, restName, shares, uncounted } from "./shares";
import { weigh, weighed } from "./weigh";

interface Props {
  readonly state: ViewState;
  readonly model: AnyModel;
  readonly rows: ExactRows;
  readonly signal: AbortSignal;
  /** Whether no grid, no matrix and no other panel is beside it. */
  readonly alone?: boolean;
}

/** Which tokens count as special, how they are treated, and how much attention they take. */
export function SpecialPanel(props: Props) {
  const { state, alone } = props;
  const w = state.words.value;
  const all = Object.keys(state.info.value.special.groups);
  return (
    <section class="attnw-panel" aria-label={w.specialTitle} data-testid="attnw-special">
      <h3>{w.specialTitle}</h3>
      {all.length === 0 ? (
        <p class="attnw-quiet">{w.specialNothing}</p>
      ) : (
        <>
          {!alone && <Treatment state={state} />}
          <Groups state={state} all={all} />
          <Told {...props} />
          {state.store.traits._can_apply.value && <ToWhatIf state={state} />}
        </>
      )}
      <Diagnosis {...props} />
    </section>
  );
}

/** A difference has no bars of shares, and its rows are not scaled. */
function help(mode: SpecialMode, difference: boolean, w: Words): string {
  if (difference && mode === "mark") return w.markedOnly;
  return w.specialModeHelp[difference && mode === "hide_renormalise" ? "hide" : mode];
}

function Treatment({ state }: { state: ViewState }) {
  const w = state.words.value;
  const mode = state.store.traits.special_mode.value;
  return (
    <>
      <Choices
        name={w.specialTitle}
        options={w.specialModes}
        value={mode}
        onChoose={(special_mode) => state.store.choose({ special_mode })}
      />
      <p class="attnw-quiet attnw-small">
        {help(mode, state.second.shown.value === "difference", w)}
      </p>
    </>
  );
}

function Groups({ state, all }: { state: ViewState; all: readonly string[] }) {
  const w = state.words.value;
  const chosen = state.store.traits.special_roles.value;
  const tokens = keyTokens(state.info.value);
  const first = tokens.find(({ role }) => role !== "pad")?.group;
  const bare = !all.some((group) => group !== "first" && group !== "punctuation");
  const none = state.info.value.special.told === false ? w.specialUntold : w.specialNone;
  const toggle = (group: string) => {
    const now = state.store.traits.special_roles.peek();
    state.store.choose({
      special_roles: now.includes(group) ? now.filter((one) => one !== group) : [...now, group],
    });
  };
  return (
    <>
      <fieldset class="attnw-line" data-testid="attnw-special-groups">
        <legend>{w.specialGroups}</legend>
        {all.map((group) => (
          <label key={group} class="attnw-switch">
            <input
              type="checkbox"
              checked={chosen.includes(group)}
              onChange={() => toggle(group)}
            />
            {group === first && group !== "first"
              ? w.specialFirst(w.roleName(group))
              : w.roleName(group)}
          </label>
        ))}
      </fieldset>
      {bare && <p class="attnw-quiet">{none(all.map(w.roleName).join(w.specialBoth))}</p>}
    </>
  );
}

/** Either direction of the arrow, in one sentence and over layers and heads. */
function Told(props: Props) {
  const { state, alone } = props;
  const w = state.words.value;
  const { special, kind } = state.info.value;
  const role = from(state);
  const told = shares(state);
  const to = "to";
  return (
    <>
      {Object.keys(special.rows).length > 0 && (
        <Choices
          name={w.directionName}
          options={{
            [to]: w.directionTo,
            ...Object.fromEntries(
              Object.keys(special.rows).map((one) => [one, w.directionFrom(w.roleName(one))]),
            ),
          }}
          value={role ?? to}
          onChoose={(one: string) => turn(state, one === to ? null : one)}
        />
      )}
      {alone && <Shown state={state} />}
      <p data-testid="attnw-special-summary">
        {role === null ? <Looked state={state} /> : <Looks state={state} role={role} />}
      </p>
      {role !== null && kind === "decoder" && special.rows[role]?.query === 0 && (
        <p>{w.rowFirst}</p>
      )}
      {(role !== null || state.roles.value.length > 0) && (
        <div class="attnw-figures">
          <Profile state={state} shares={told} />
          {(alone || role !== null) && <HeadMap state={state} measured={perHead(state, told)} />}
        </div>
      )}
      {special.words === false && <p>{w.noWords}</p>}
      <Weigh {...props} />
      {(alone || weighed(state)) && <OneRow state={state} rows={props.rows} />}
    </>
  );
}

/** Turn the arrow round; a row that is picked goes with it, or is let go. */
function turn(state: ViewState, role: string | null): void {
  const { special_from, query } = state.store.traits;
  const { rows } = state.info.peek().special;
  const at = (role: string | null) => (role === null ? undefined : rows[role]?.query);
  const picked = query.peek();
  const kept = role !== null ? at(role)! : picked === at(special_from.peek()) ? null : picked;
  state.store.choose({ special_from: role, ...(picked !== null && { query: kept }) });
}

/** How much of the words' attention the tokens take that count as special. */
function Looked({ state }: { state: ViewState }) {
  const w = state.words.value;
  const groups = state.roles.value;
  if (groups.length === 0) return <>{w.specialUnchosen}</>;
  const mean = percent(state.meanShown((layer, head) => state.special(layer, head).all));
  const parts = groups.map((group, i) => {
    const share = state.meanShown((layer, head) => state.special(layer, head).parts[i]![1]);
    return `${w.roleName(group)} ${percent(share)}`;
  });
  const arrives = state.arriving.value;
  const say = arrives ? w.normsSummary : w.specialSummary;
  return (
    <>
      {state.hides
        ? (arrives ? w.normsHidden : w.hiddenSummary)(mean)
        : say(mean, parts.join(w.comma), percent(state.uniform.value))}
      {state.second.shown.value === "difference" && ` ${w.ofTheFirst}`}
    </>
  );
}

/** Where the token's own attention goes. */
function Looks({ state, role }: { state: ViewState; role: string }) {
  const w = state.words.value;
  const { layers, heads, special } = state.info.value;
  const second = state.second.shown.value === "second" ? state.second.info.value : null;
  const row = second?.rows[role] ?? special.rows[role]!;
  const mean = (table: PerHead) =>
    percent(state.meanShown((l, h) => table[layers.indexOf(l)]![heads.indexOf(h)]!));
  const say = state.arriving.value ? w.normsRow : w.rowSummary;
  return (
    <>
      {say(
        w.roleName(role),
        mean(row.itself),
        mean(counted(state, row)),
        mean(uncounted(state, row)),
        restName(state, row),
      )}
      {state.second.shown.value === "difference" && ` ${w.ofTheFirst}`}
    </>
  );
}

/** Ask the model how much is handed on, not only where it looks. */
function Weigh({ state, model, signal }: Props) {
  const w = state.words.value;
  const [busy, setBusy] = useState(false);
  const changed = state.second.info.value?.kind === "rerun";
  if (weighed(state)) return null;
  if (!state.store.traits._can_weigh.value)
    return <p class="attnw-quiet attnw-small">{w.weighNeeds}</p>;
  const ask = async () => {
    setBusy(true);
    await weigh(state, model, signal);
    if (!signal.aborted) setBusy(false);
  };
  return (
    <div class="attnw-line">
      <button
        type="button"
        disabled={busy}
        title={changed ? w.weighAside : undefined}
        onClick={ask}
      >
        {busy ? w.weighing : w.weigh}
      </button>
      {changed && <span class="attnw-quiet attnw-small">{w.weighAside}</span>}
    </div>
  );
}

/** The way to the panel in which the model itself is changed. */
function ToWhatIf({ state }: { state: ViewState }) {
  return (
    <div class="attnw-line">
      <button
        type="button"
        onClick={({ currentTarget }) => {
          const panel = currentTarget
            .closest(".attnw-app")
            ?.querySelector<HTMLElement>("[data-testid=attnw-effect]");
          const fold = panel?.closest("details");
          if (fold) fold.open = true;
          panel?.scrollIntoView({ block: "nearest" });
          panel?.querySelector("button")?.focus();
        }}
      >
        {state.words.value.toWhatIf}
      </button>
    </div>
  );
}
