import type { Badge, Order } from "../../data/types";
import { narrowed } from "../../draw/order";
import type { ViewState } from "../state";
import { TwoEnds } from "../TwoEnds";
import { lacks } from "./badge";
import { chooseOn, chosenOn, everyRole, what } from "./roles";

const BADGES: readonly Badge[] = ["special", "entropy", "kept", "class", "importance"];
const ORDERS: readonly Order[] = ["model", "high", "low", "group"];
/** Positions on the rail. */
const STEPS = 100;
const HALF = [0.5, 1] as const;
const ALL = [0, 1] as const;

/** What number stands under each head, in which order they are drawn, and which of them. */
export function Sorting({ state }: { state: ViewState }) {
  const { grid } = state;
  const t = state.store.traits;
  const w = state.words.value.grid;
  const badge = t.badge.value;
  const { name, ready } = grid.badge.value;
  const lack = lacks(state, badge);
  const waits = (lack === null && !ready) || (t.order.value === "group" && !t._badges.value.class);
  return (
    <div class="attnw-sorting">
      <div class="attnw-row">
        <BadgeChoice state={state} />
        <OrderChoice state={state} />
        {ready && name === "class" && !narrowed(t.badge_range.value) && <Count state={state} />}
      </div>
      {lack !== null && (
        <p class="attnw-quiet attnw-small">
          {w.missing(w.badges[badge], lack)} {badge === "importance" && w.importanceHelp}
        </p>
      )}
      {waits && (
        <p class="attnw-quiet attnw-small" data-testid="attnw-measuring">
          {w.measuring}
        </p>
      )}
      {ready && name !== "class" && (
        <details class="attnw-fold" open={narrowed(t.badge_range.value)}>
          <summary>
            {w.filter} {!narrowed(t.badge_range.value) && <Count state={state} />}
          </summary>
          <Filter state={state} />
        </details>
      )}
      <Narrowed state={state} />
    </div>
  );
}

/** Of special tokens the share of all of them, or of those of one role. */
function BadgeChoice({ state }: { state: ViewState }) {
  const { store } = state;
  const w = state.words.value;
  const badge = store.traits.badge.value;
  const difference = state.second.shown.value === "difference";
  const every = difference ? [] : everyRole(state);
  const choose = (value: string) => {
    const [next = "", role] = value.split(":");
    const other = next !== badge;
    store.choose({
      badge: next as Badge,
      ...(other ? { badge_range: ALL } : {}),
      ...(next === "special" && !difference && every.length > 1 ? chooseOn(role) : {}),
    });
  };
  const option = (one: Badge) => {
    const lack = lacks(state, one);
    const label = w.grid.badges[one === "special" && difference ? "moved" : one];
    return (
      <option
        key={one}
        value={one}
        disabled={lack !== null}
        title={lack !== null && one === "importance" ? w.grid.importanceHelp : undefined}
      >
        {lack === null ? label : w.grid.badgeOff(label, lack)}
      </option>
    );
  };
  const on = every.length > 1 && badge === "special" ? chosenOn(state) : null;
  return (
    <label class="attnw-pick">
      <span>{w.grid.under}</span>
      <select
        aria-label={w.grid.badgeName}
        data-testid="attnw-badge"
        value={on ? `special:${on}` : badge}
        onChange={({ currentTarget }) => choose(currentTarget.value)}
      >
        {BADGES.flatMap((one) => [
          option(one),
          ...(one === "special" && every.length > 1
            ? every.map((role) => (
                <option key={role} value={`special:${role}`}>
                  {w.grid.shareOn(w.roleName(role))}
                </option>
              ))
            : []),
        ])}
      </select>
    </label>
  );
}

function OrderChoice({ state }: { state: ViewState }) {
  const { store } = state;
  const t = store.traits;
  const w = state.words.value.grid;
  return (
    <select
      aria-label={w.orderName}
      title={w.orderName}
      data-testid="attnw-order"
      value={t.order.value}
      onChange={({ currentTarget }) => store.choose({ order: currentTarget.value as Order })}
    >
      {ORDERS.map((one) => (
        <option
          key={one}
          value={one}
          disabled={t.badge.value === "class" && (one === "high" || one === "low")}
        >
          {w.orders[one]}
        </option>
      ))}
    </select>
  );
}

function Count({ state }: { state: ViewState }) {
  const { kept, all } = state.grid;
  return (
    <span class="attnw-quiet" data-testid="attnw-heads-kept">
      {state.words.value.grid.count(kept.value, all.value.length)}
    </span>
  );
}

/** A rail on the badge's own scale; and the half of it that is asked for most. */
function Filter({ state }: { state: ViewState }) {
  const { store, grid } = state;
  const t = store.traits;
  const w = state.words.value;
  const { name, text } = grid.badge.value;
  const ends = t.badge_range.value;
  const half = ends[0] === HALF[0] && ends[1] === HALF[1];
  const every = everyRole(state);
  const on = chosenOn(state);
  const presets = name !== "special" ? [] : every.length > 1 ? ["", ...every] : [""];
  const positions = ends.map((end) => Math.round(end * STEPS)) as [number, number];
  return (
    <div class="attnw-range attnw-filter">
      <span class="attnw-range-name attnw-ends" data-testid="attnw-filter">
        {w.grid.ends(text(ends[0]), text(ends[1]))}
      </span>
      <TwoEnds
        ends={positions}
        most={STEPS}
        page={10}
        names={[w.grid.from, w.grid.to]}
        testids={["attnw-filter-low", "attnw-filter-high"]}
        said={(position) => text(position / STEPS)}
        onMove={([low, high], pace) => store[pace]({ badge_range: [low / STEPS, high / STEPS] })}
      />
      {presets.length > 0 && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset's legend cannot stand in line
        <span role="group" class="attnw-row attnw-presets" aria-label={w.grid.atLeast}>
          <span class="attnw-quiet" aria-hidden="true">
            {w.grid.atLeast}
          </span>
          {presets.map((role) => {
            const here = half && (presets.length === 1 || (on ?? "") === role);
            const named = role ? w.roleName(role) : w.grid.everyRole;
            return (
              <button
                key={role}
                type="button"
                aria-pressed={here}
                title={w.grid.atLeastHelp(named)}
                data-testid={`attnw-half-${role || "every"}`}
                onClick={() =>
                  store.choose({
                    badge_range: here ? ALL : HALF,
                    ...(presets.length > 1 ? chooseOn(role) : {}),
                  })
                }
              >
                {named}
              </button>
            );
          })}
        </span>
      )}
    </div>
  );
}

/** What is picked out, in a sentence, and how many heads that are. */
function Narrowed({ state }: { state: ViewState }) {
  const { store, grid } = state;
  const w = state.words.value.grid;
  const ends = store.traits.badge_range.value;
  const { name, ready, text } = grid.badge.value;
  const narrow = narrowed(ends) && ready;
  const [low, high] = [text(ends[0]), text(ends[1])];
  const sentence = () => {
    if (name === "special") return w.sentences.special(what(state), low, high);
    return name === "class" ? w.sentences.class : w.sentences[name](low, high);
  };
  return (
    <div aria-live="polite" class={narrow ? "attnw-row" : "attnw-hush"}>
      {narrow && (
        <>
          <span data-testid="attnw-sentence">{w.sentence(sentence())}</span>
          <b>
            <Count state={state} />
          </b>
          <button type="button" onClick={() => store.choose({ badge_range: ALL })}>
            {w.all}
          </button>
          {grid.kept.value === 0 && <span>{w.nothing}</span>}
        </>
      )}
    </div>
  );
}
