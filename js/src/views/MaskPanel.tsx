import { useEffect, useId, useState } from "preact/hooks";
import { keyTokens } from "../data/decode";
import { roleKey } from "../draw/color";
import { format, type MaskSpec, parse, type TokenRef } from "../masks";
import { build, NO_PARTS, type Parts, partsOf } from "../masks/builder";
import { percent } from "../text/numbers";
import { bindMask } from "./bound";
import { Choices } from "./Choices";
import { NumberInput } from "./NumberInput";
import type { ViewState } from "./state";

/** The widest window the slider reaches; wider ones can be typed. */
const WIDEST = 64;

/** A sparse mask: made with sliders or typed, and what it keeps and loses here. */
export function MaskPanel({ state }: { state: ViewState }) {
  const { store } = state;
  const t = store.traits;
  const w = state.words.value;
  const mask = t.mask.value;
  const parts = (mask && partsOf(mask)) ?? NO_PARTS;
  const put = (change: Partial<Parts>, pace: "choose" | "drag" = "choose") => {
    const now = t.mask.peek();
    const from = (now && partsOf(now)) ?? NO_PARTS;
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
      <Window state={state} parts={parts} put={put} />
      <Globals state={state} parts={parts} put={put} />
      <Typed state={state} mask={mask} />
      {mask ? <Cost state={state} /> : <p class="attnw-quiet attnw-small">{w.maskOff}</p>}
    </section>
  );
}

interface PartProps {
  readonly state: ViewState;
  readonly parts: Parts;
  readonly put: (change: Partial<Parts>, pace?: "choose" | "drag") => void;
}

function Window({ state, parts, put }: PartProps) {
  const w = state.words.value;
  const id = useId();
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
        aria-valuetext={window === null ? "–" : String(window)}
        onInput={(event) => put({ window: event.currentTarget.valueAsNumber }, "drag")}
      />
      <NumberInput
        id={`${id}-number`}
        label={w.maskWindow}
        testid="attnw-window"
        least={0}
        value={window}
        onCommit={(width) => put({ window: width })}
      />
      <label for={`${id}-step`}>{w.maskDilation}</label>
      <NumberInput
        id={`${id}-step`}
        label={w.maskDilation}
        testid="attnw-step"
        least={1}
        value={parts.dilation}
        disabled={window === null}
        onCommit={(step) => put({ dilation: step ?? 1 })}
      />
    </div>
  );
}

function Globals({ state, parts, put }: PartProps) {
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
          onClick={() => toggle(role)}
        >
          {w.roleName(String(role))}
        </button>
      ))}
      <label class="attnw-switch">
        <input
          type="checkbox"
          checked={parts.causal}
          onChange={(event) => put({ causal: event.currentTarget.checked })}
        />
        {w.maskCausal}
      </label>
    </div>
  );
}

function Typed({ state, mask }: { state: ViewState; mask: MaskSpec | null }) {
  const w = state.words.value;
  const id = useId();
  const shown = mask ? format(mask) : "";
  const [text, setText] = useState(shown);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    setText(shown);
    setProblem(null);
  }, [shown]);
  const commit = (typed: string) => {
    if (typed.trim() === shown) return;
    try {
      const spec = typed.trim() === "" ? null : parse(typed);
      if (spec) bindMask(spec, state.info.peek());
      setProblem(null);
      state.store.choose({ mask: spec, mask_shown: true });
    } catch (error) {
      setProblem(String((error as Error).message));
    }
  };
  return (
    <div class="attnw-row">
      <label for={id}>{w.maskText}</label>
      <input
        id={id}
        class="attnw-code"
        type="text"
        spellcheck={false}
        autocomplete="off"
        placeholder={w.maskTextHelp}
        data-testid="attnw-mask-text"
        value={text}
        aria-invalid={problem !== null}
        onInput={(event) => setText(event.currentTarget.value)}
        onBlur={(event) => commit(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Enter" && commit(event.currentTarget.value)}
      />
      {problem && (
        <p class="attnw-problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

function Cost({ state }: { state: ViewState }) {
  const w = state.words.value;
  const { store } = state;
  const bound = state.bound.value;
  const outside = state.outside.value;
  const reading = store.traits.mask_reading.value;
  if (!bound) return null;
  const [, , queries, keys] = state.info.value.shape;
  const number = (n: number) => n.toLocaleString(state.lang.value);
  const lost = outside && percent(state.meanShown(outside.share));
  return (
    <>
      <p data-testid="attnw-mask-cost">
        {w.maskDegree(bound.low, bound.high)} ·{" "}
        {w.maskPairs(
          number(bound.nnz),
          number(queries * keys),
          percent(bound.nnz / (queries * keys)),
        )}
      </p>
      {lost && outside && (
        <p data-testid="attnw-mask-outside" data-exact={outside.exact ? "yes" : "no"}>
          {w.maskOutside(outside.exact ? lost : w.about(lost))}
          {!outside.exact && <span class="attnw-quiet attnw-small"> {w.estimate}</span>}
        </p>
      )}
      <Choices
        name={w.maskTitle}
        options={w.maskReadings}
        value={reading}
        onChoose={(mask_reading) => store.choose({ mask_reading })}
      />
      <p class="attnw-quiet attnw-small">{w.maskReadingHelp[reading]}</p>
    </>
  );
}
