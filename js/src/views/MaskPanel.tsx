import { keyTokens } from "../data/decode";
import { roleKey } from "../draw/color";
import { format, parse, type TokenRef } from "../masks";
import { build, NO_PARTS, type Parts, partsOf } from "../masks/builder";
import { needsPython } from "../masks/needs";
import { MAX_TOKENS } from "../masks/spec";
import { percent } from "../text/numbers";
import { bindShared } from "./bound";
import { Choices } from "./Choices";
import { useOwnId } from "./ids";
import { MaskText } from "./MaskText";
import { NumberInput } from "./NumberInput";
import type { ViewState } from "./state";

/** The widest window the slider reaches; wider ones can be typed. */
const WIDEST = 64;
/** The longest text a mask may be laid over. */
const LONGEST = MAX_TOKENS;

/** A sparse mask: made with sliders or typed, and what it keeps and loses here. */
export function MaskPanel({ state }: { state: ViewState }) {
  const { store } = state;
  const t = store.traits;
  const w = state.words.value;
  const mask = t.mask.value;
  const known = mask && !needsPython(mask) ? partsOf(mask) : null;
  const parts = known ?? NO_PARTS;
  const typed = mask !== null && known === null;
  const put = (change: Partial<Parts>, pace: "choose" | "drag" = "choose") => {
    const now = t.mask.peek();
    const from = (now && !needsPython(now) && partsOf(now)) || NO_PARTS;
    store[pace]({ mask: build({ ...from, ...change }), mask_shown: true });
  };
  return (
    <section class="attnw-panel" aria-label={w.maskTitle}>
      <h3>
        {w.maskTitle}
        {mask && (
          <>
            <label class="attnw-switch">
              <input
                type="checkbox"
                checked={t.mask_shown.value}
                onChange={(event) => store.choose({ mask_shown: event.currentTarget.checked })}
              />
              {w.maskShown}
            </label>
            <button type="button" class="attnw-plain" onClick={() => store.choose({ mask: null })}>
              {w.maskRemove}
            </button>
          </>
        )}
      </h3>
      <Window state={state} parts={parts} put={put} typed={typed} />
      <Globals state={state} parts={parts} put={put} typed={typed} />
      {typed && <p class="attnw-quiet attnw-small">{w.maskTyped}</p>}
      <MaskText
        shown={mask ? maskText(state) : ""}
        words={w}
        onCommit={(text) => {
          const spec = text === "" ? null : parse(text);
          if (spec && !needsPython(spec)) bindShared(spec, state.info.peek());
          store.choose({ mask: spec, mask_shown: true });
        }}
      />
      {mask ? <Cost state={state} /> : <p class="attnw-quiet attnw-small">{w.maskOff}</p>}
    </section>
  );
}

/** The mask as typed; one that only Python can write is shown as Python writes it. */
function maskText(state: ViewState): string {
  const { mask, _mask_effect } = state.store.traits;
  if (!mask.value) return "";
  return needsPython(mask.value) ? (_mask_effect.value.text ?? "") : format(mask.value);
}

interface PartProps {
  readonly state: ViewState;
  readonly parts: Parts;
  /** Whether the mask is one that these controls cannot say. */
  readonly typed: boolean;
  readonly put: (change: Partial<Parts>, pace?: "choose" | "drag") => void;
}

function Window({ state, parts, typed, put }: PartProps) {
  const w = state.words.value;
  const id = useOwnId();
  const most = Math.min(WIDEST, Math.max(1, state.info.value.shape[3] - 1));
  const window = parts.window;
  return (
    <div class="attnw-row">
      <label for={id}>{w.maskWindow}</label>
      <input
        id={id}
        type="range"
        min={0}
        max={most}
        step={1}
        data-testid="attnw-window-slider"
        value={window ?? most}
        disabled={typed}
        aria-valuetext={window === null ? "–" : String(window)}
        onInput={(event) => put({ window: event.currentTarget.valueAsNumber }, "drag")}
      />
      <NumberInput
        id={`${id}-number`}
        label={w.maskWindow}
        testid="attnw-window"
        least={0}
        most={LONGEST}
        range={w.range}
        empty
        disabled={typed}
        value={window}
        onCommit={(width) => put({ window: width })}
      />
      <span class="attnw-named">
        <label for={`${id}-step`}>{w.maskDilation}</label>
        <NumberInput
          id={`${id}-step`}
          label={w.maskDilation}
          testid="attnw-step"
          least={1}
          most={LONGEST}
          range={w.range}
          value={parts.dilation}
          disabled={typed || window === null}
          onCommit={(step) => put({ dilation: step ?? 1 })}
        />
      </span>
    </div>
  );
}

function Globals({ state, parts, typed, put }: PartProps) {
  const w = state.words.value;
  const roles = [...new Set(keyTokens(state.info.value).map((token) => token.role))].filter(
    (role) => roleKey(role) && role !== "pad",
  ) as TokenRef[];
  const toggle = (role: TokenRef) => {
    const on = parts.globals.includes(role);
    put({ globals: on ? parts.globals.filter((g) => g !== role) : [...parts.globals, role] });
  };
  return (
    <div class="attnw-row">
      {roles.length > 0 && <span>{w.maskGlobal}</span>}
      {roles.map((role) => (
        <button
          key={role}
          type="button"
          class="attnw-chip"
          aria-pressed={parts.globals.includes(role)}
          disabled={typed}
          onClick={() => toggle(role)}
        >
          {w.roleName(String(role))}
        </button>
      ))}
      <label class="attnw-switch">
        <input
          type="checkbox"
          checked={parts.causal}
          disabled={typed}
          onChange={(event) => put({ causal: event.currentTarget.checked })}
        />
        {w.maskCausal}
      </label>
    </div>
  );
}

function Cost({ state }: { state: ViewState }) {
  const w = state.words.value;
  const { store } = state;
  const bound = state.bound.value;
  const outside = state.outside.value;
  const reading = store.traits.mask_reading.value;
  if (!bound)
    return store.traits.mask_shown.value ? <p class="attnw-quiet">{w.maskByPython}</p> : null;
  const info = state.info.value;
  const number = (n: number) => n.toLocaleString(state.lang.value);
  const lost = outside && percent(state.meanShown(outside.share));
  return (
    <>
      <p data-testid="attnw-mask-cost">
        {w.maskDegree(bound.low, bound.high)} ·{" "}
        {w.maskPairs(
          number(Math.round(bound.pairs)),
          number(bound.legal),
          percent(bound.pairs / bound.legal),
          info.kind === "decoder",
        )}
      </p>
      {lost && outside && (
        <p data-testid="attnw-mask-outside" data-exact={outside.exact ? "yes" : "no"}>
          {w.maskOutside(outside.exact ? lost : w.about(lost))}
          {!outside.exact && <span class="attnw-quiet attnw-small"> {w.estimate}</span>}
        </p>
      )}
      {state.second.shown.value === "first" ? (
        <>
          <Choices
            name={w.maskTitle}
            options={w.maskReadings}
            value={reading}
            onChoose={(mask_reading) => store.choose({ mask_reading })}
          />
          <p class="attnw-quiet attnw-small">{w.maskReadingHelp[reading]}</p>
        </>
      ) : (
        <p class="attnw-quiet attnw-small">{w.ofTheFirst}</p>
      )}
    </>
  );
}
