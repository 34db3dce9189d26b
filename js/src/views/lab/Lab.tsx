import { useId } from "preact/hooks";
import { MaskError } from "../../masks";
import { parseGiven } from "../../masks/assignment";
import { needsPython } from "../../masks/needs";
import { clipped, percent } from "../../text/numbers";
import { visible } from "../../text/tokens";
import { LangSwitch } from "../LangSwitch";
import { MaskText } from "../MaskText";
import { NumberInput } from "../NumberInput";
import { Problem } from "../Problem";
import { Assigned } from "./Assigned";
import { Builder } from "./Builder";
import { Cost } from "./Cost";
import { labColor } from "./colors";
import { Growth } from "./Growth";
import { Picture } from "./Picture";
import { ROWS_READ } from "./pixels";
import { ReachPanel } from "./ReachPanel";
import { Save } from "./Save";
import type { LabBound, LabState } from "./state";

const SIDE_BY_SIDE = 720;
const PICTURE_MOST = 560;
/** Room beside the picture for words, and for the tokens' names where they can be read. */
const AXIS = 20;
const NAMES = 64;
const NAME_LEAST = 12;
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
  const { top, bottom } = state.view.value;
  const tokens = store.traits._tokens.value;
  const named = tokens.length > 0 && (size - AXIS - NAMES) / (bottom - top) >= NAME_LEAST;
  const names = named ? tokens.map((token) => clipped(visible(token), 9)) : null;
  const picture = size - AXIS - (named ? NAMES : 0);
  const bound = state.bound.value;
  const fits = bound && !(bound instanceof MaskError) ? bound : null;
  const spec = state.spec.value;
  const assigned = state.assigned.value;
  return (
    <div class={`attnw-app ${wide ? "attnw-wide" : "attnw-narrow"}`} lang={state.lang.value}>
      <div class="attnw-head">
        <b class="attnw-what">{w.title}</b>
        <LangSwitch lang={state.lang.value} words={w} onChoose={(lang) => store.choose({ lang })} />
      </div>
      <Length state={state} />
      <Problem state={state} />
      <div class="attnw-columns">
        <section
          class="attnw-column"
          aria-label={w.picture}
          style={wide ? { width: `${size}px` } : {}}
        >
          <Picture state={state} size={picture} names={names} />
          <Save state={state} bound={fits} />
          <PictureNotes state={state} fits={fits} size={picture} />
          <RowReading state={state} bound={fits} />
          <ReachPanel state={state} />
        </section>
        <section class="attnw-column attnw-grow">
          <HeadChoice state={state} />
          {assigned ? <Assigned state={state} given={assigned} /> : <Builder state={state} />}
          <div class="attnw-panel">
            <MaskText
              shown={state.text.value}
              words={w}
              onCommit={(text) => store.choose({ mask: text === "" ? null : parseGiven(text) })}
            />
            {bound instanceof MaskError && <p class="attnw-problem">{bound.message}</p>}
          </div>
          {spec && !bound && <p class="attnw-quiet">{w.maskByPython}</p>}
          {fits && <Cost state={state} bound={fits} />}
          {fits && spec && !needsPython(spec) && <Growth state={state} spec={spec} />}
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
  if (store.traits._roles.value.length > 0)
    return <p data-testid="attnw-length">{w.ofRecord(n.toLocaleString(state.lang.value))}</p>;
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
        long
        onCommit={(tokens) => put(tokens ?? n, "choose")}
      />
      <span class="attnw-quiet attnw-small">{w.tokensNote}</span>
    </div>
  );
}

/** Which head a data-dependent mask follows, and how much of its attention the mask keeps. */
function HeadChoice({ state }: { state: LabState }) {
  const w = state.words.value;
  const { _layers, _heads, _kept, layer, head } = state.store.traits;
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
  const fresh = share !== undefined && text !== undefined && text === state.text.value;
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

function PictureNotes(props: { state: LabState; fits: LabBound | null; size: number }) {
  const { state, fits, size } = props;
  const w = state.words.value;
  const theme = state.theme.value;
  const view = state.view.value;
  const sampled = (view.bottom - view.top) / size > ROWS_READ;
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
