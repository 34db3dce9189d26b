import { useId } from "preact/hooks";
import { format, MaskError, parse } from "../../masks";
import { needsPython } from "../../masks/needs";
import { percent } from "../../text/numbers";
import { LangSwitch } from "../LangSwitch";
import { MaskText } from "../MaskText";
import { NumberInput } from "../NumberInput";
import { Problem } from "../Problem";
import { Builder } from "./Builder";
import { Cost } from "./Cost";
import { Growth } from "./Growth";
import { labColor, Picture } from "./Picture";
import { ReachPanel } from "./ReachPanel";
import type { LabBound, LabState } from "./state";

const SIDE_BY_SIDE = 720;
const PICTURE_MOST = 460;
/** The slider runs over powers of two, up to a million tokens. */
const SLIDER = { least: 3, most: 20 };
/** Keys named in a row's sentence. */
const RUNS_NAMED = 6;

export function Lab({ state }: { state: LabState }) {
  const { store } = state;
  const w = state.words.value;
  const width = state.width.value;
  if (width <= 0) return null;
  const wide = width >= SIDE_BY_SIDE;
  const size = Math.min(PICTURE_MOST, wide ? Math.round(width * 0.46) : width);
  const bound = state.bound.value;
  const fits = bound && !(bound instanceof MaskError) ? bound : null;
  const mask = store.traits.mask.value;
  return (
    <div class={`attnw-app ${wide ? "attnw-wide" : "attnw-narrow"}`} lang={state.lang.value}>
      <div class="attnw-head">
        <div class="attnw-what">
          <b>{w.title}</b>
          <Length state={state} />
        </div>
        <LangSwitch lang={state.lang.value} words={w} onChoose={(lang) => store.choose({ lang })} />
      </div>
      <Problem state={state} />
      <div class="attnw-columns">
        <section class="attnw-column" aria-label={w.picture} style={{ width: `${size}px` }}>
          <Picture state={state} size={size} />
          <PictureNotes state={state} fits={fits} />
          <RowReading state={state} bound={fits} />
          <ReachPanel state={state} />
        </section>
        <section class="attnw-column attnw-grow">
          <HeadChoice state={state} />
          <Builder state={state} />
          <div class="attnw-panel">
            <MaskText
              shown={mask ? format(mask) : ""}
              words={w}
              onCommit={(text) => store.choose({ mask: text === "" ? null : parse(text) })}
            />
            {bound instanceof MaskError && <p class="attnw-problem">{bound.message}</p>}
          </div>
          {mask && !bound && <p class="attnw-quiet">{w.maskByPython}</p>}
          {fits && <Cost state={state} bound={fits} />}
          {fits && mask && !needsPython(mask) && <Growth state={state} spec={mask} />}
        </section>
      </div>
    </div>
  );
}

function Length({ state }: { state: LabState }) {
  const w = state.words.value;
  const { store } = state;
  const n = store.traits.n.value;
  const id = useId();
  const fixed = store.traits._roles.value.length > 0;
  const put = (tokens: number, pace: "choose" | "drag") => {
    state.zoom.value = null;
    state.depth.value = 1;
    store[pace]({ n: tokens });
  };
  return (
    <div class="attnw-row">
      <label for={id}>{w.tokens}</label>
      <input
        id={id}
        type="range"
        data-testid="attnw-length-slider"
        min={SLIDER.least}
        max={SLIDER.most}
        step={1}
        disabled={fixed}
        value={Math.log2(n)}
        aria-valuetext={n.toLocaleString(state.lang.value)}
        onInput={(event) => put(2 ** event.currentTarget.valueAsNumber, "drag")}
      />
      <NumberInput
        id={`${id}-number`}
        label={w.tokens}
        testid="attnw-length"
        least={2}
        most={2 ** SLIDER.most}
        range={w.range}
        value={n}
        disabled={fixed}
        long
        onCommit={(tokens) => put(tokens ?? n, "choose")}
      />
      {!fixed && <span class="attnw-quiet attnw-small">{w.tokensNote}</span>}
    </div>
  );
}

/** Which head a data-dependent mask follows, and how much of its attention the mask keeps. */
function HeadChoice({ state }: { state: LabState }) {
  const w = state.words.value;
  const { _layers, _heads, _kept, layer, head, mask } = state.store.traits;
  if (_layers.value.length === 0) return null;
  const choose = (name: "layer" | "head", all: readonly number[], now: number) => (
    <label class="attnw-switch">
      {w[name]}
      <select
        value={now}
        data-testid={`attnw-lab-${name}`}
        onChange={(event) => state.store.choose({ [name]: Number(event.currentTarget.value) })}
      >
        {all.map((number) => (
          <option key={number} value={number} selected={number === now}>
            {number}
          </option>
        ))}
      </select>
    </label>
  );
  const { text, share } = _kept.value;
  const fresh = mask.value && share !== undefined && text === format(mask.value);
  return (
    <section class="attnw-panel" aria-label={w.onHead}>
      <div class="attnw-row">
        {choose("layer", _layers.value, layer.value)}
        {choose("head", _heads.value, head.value)}
      </div>
      {fresh && <p data-testid="attnw-lab-kept">{w.keptHere(percent(share))}</p>}
    </section>
  );
}

function PictureNotes({ state, fits }: { state: LabState; fits: LabBound | null }) {
  const w = state.words.value;
  const theme = state.theme.value;
  const view = state.view.value;
  const sampled = (view.bottom - view.top) / 400 > 24;
  return (
    <>
      <ul class="attnw-keys">
        <li>
          <i class="attnw-swatch" style={{ background: labColor(theme, "kept") }} />
          {w.kept}
        </li>
        <li>
          <i class="attnw-swatch attnw-hidden" style={{ background: labColor(theme, "none") }} />
          {w.forbidden}
        </li>
        {state.zoom.value && (
          <li>
            <button
              type="button"
              onClick={() => {
                state.zoom.value = null;
              }}
            >
              {w.whole}
            </button>
          </li>
        )}
      </ul>
      <p class="attnw-quiet attnw-small">
        {w.pictureHint} {fits && sampled && w.sampled}
      </p>
    </>
  );
}

/** Which tokens the row under the pointer sees. */
function RowReading({ state, bound }: { state: LabState; bound: LabBound | null }) {
  const w = state.words.value;
  const query = state.hoverQuery.value;
  const names = state.store.traits._tokens.value;
  if (!bound || query === null || query >= bound.mask.nQueries)
    return <p class="attnw-reading"> </p>;
  const name = (token: number) => (names[token] ? `${token} “${names[token]}”` : String(token));
  const runs: string[] = [];
  let more = false;
  bound.mask.forEachRow(
    (_, list, end) => {
      for (let i = 0; i < end; i += 2) {
        if (runs.length === RUNS_NAMED) {
          more = true;
          break;
        }
        const [first, last] = [list[i]!, list[i + 1]! - 1];
        runs.push(first === last ? name(first) : `${name(first)}–${name(last)}`);
      }
    },
    query,
    query + 1,
  );
  const degree = bound.degrees[query]!;
  const keys = `${runs.join(", ")}${more ? `, ${w.andMore}` : ""}`;
  return (
    <p class="attnw-reading" aria-live="polite" data-testid="attnw-lab-row">
      {degree === 0
        ? w.rowNone(name(query))
        : w.row(name(query), degree.toLocaleString(state.lang.value), keys)}
    </p>
  );
}
