import { MaskError } from "../../masks";
import { clipped } from "../../text/numbers";
import { visible } from "../../text/tokens";
import { LangSwitch } from "../LangSwitch";
import { MaskText } from "../MaskText";
import { Problem } from "../Problem";
import { Assigned } from "./Assigned";
import { Builder } from "./Builder";
import { Cost } from "./Cost";
import { labColor } from "./colors";
import { Growth } from "./Growth";
import { HeadChoice } from "./HeadChoice";
import { Length } from "./Length";
import { Picture } from "./Picture";
import { ROWS_READ } from "./pixels";
import { ReachPanel } from "./ReachPanel";
import { RowReading } from "./RowReading";
import { Save } from "./Save";
import type { LabBound, LabState } from "./state";

const SIDE_BY_SIDE = 720;
const PICTURE_MOST = 640;
const GAP = 18;
const GROWTH_MOST = 840;
/** Room beside the picture for words, and for the tokens' names where they can be read. */
const AXIS = 20;
const NAMES = 64;
const NAME_LEAST = 12;
const DIGIT = 7;

export function Lab({ state }: { state: LabState }) {
  const { store } = state;
  const w = state.words.value;
  const width = state.width.value;
  if (width <= 0) return null;
  const wide = width >= SIDE_BY_SIDE;
  const size = Math.min(PICTURE_MOST, wide ? Math.round(width * 0.46) : width);
  const beside = wide ? width - size - GAP : width;
  const { top, bottom } = state.view.value;
  const tokens = store.traits._tokens.value;
  const named = tokens.length > 0 && (size - AXIS - NAMES) / (bottom - top) >= NAME_LEAST;
  const names = named ? tokens.map((token) => clipped(visible(token), 9)) : null;
  const digits = store.traits.n.value.toLocaleString(state.lang.value).length;
  const gutter = named ? NAMES : DIGIT * digits + 8;
  const picture = size - AXIS - gutter;
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
      <Problem state={state} say={w.mistake} />
      <div class="attnw-columns">
        <section
          class="attnw-column"
          aria-label={w.picture}
          style={wide ? { width: `${size}px` } : {}}
        >
          <Picture state={state} size={picture} gutter={gutter} names={names} />
          <RowReading state={state} bound={fits} />
          <PictureNotes state={state} fits={fits} size={picture} />
          <Save state={state} bound={fits} />
          <ReachPanel state={state} />
        </section>
        <section class="attnw-column attnw-grow">
          <HeadChoice state={state} />
          {assigned ? <Assigned state={state} given={assigned} /> : <Builder state={state} />}
          <div class="attnw-panel">
            <MaskText shown={state.text.value} words={w} onCommit={(text) => state.putText(text)} />
            {bound instanceof MaskError && <p class="attnw-problem">{w.mistake(bound.message)}</p>}
          </div>
          {spec && !bound && <p class="attnw-quiet">{w.maskByPython}</p>}
          {fits && <Cost state={state} bound={fits} />}
          {fits && spec && (
            <Growth state={state} spec={spec} width={Math.min(GROWTH_MOST, beside)} />
          )}
        </section>
      </div>
    </div>
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
