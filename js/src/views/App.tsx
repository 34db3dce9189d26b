import type { AnyModel } from "@anywidget/types";
import { percent } from "../text/numbers";
import { Controls } from "./Controls";
import { EffectPanel } from "./EffectPanel";
import type { ExactRows } from "./exact";
import { Focus } from "./Focus";
import { Grid } from "./Grid";
import { LangSwitch } from "./LangSwitch";
import { Legend } from "./Legend";
import { MaskPanel } from "./MaskPanel";
import { Problem } from "./Problem";
import { RunPanel } from "./RunPanel";
import { Shown } from "./Shown";
import { SpecialPanel } from "./SpecialPanel";
import type { ViewState } from "./state";

/** Narrower than this, the head in focus stands below the grid instead of beside it. */
const SIDE_BY_SIDE = 720;
/** From this width on the panels stand beside the picture, too. */
const THREE_COLUMNS = 1320;
const PANELS = 360;
const GUTTER = 20;
const MATRIX_MOST = 620;

export function App(props: {
  state: ViewState;
  model: AnyModel;
  rows: ExactRows;
  signal: AbortSignal;
}) {
  const { state } = props;
  const t = state.store.traits;
  const w = state.words.value;
  const width = state.width.value;
  if (width <= 0) return null;
  const wide = width >= SIDE_BY_SIDE;
  const beside = width >= THREE_COLUMNS;
  const room = beside ? width - PANELS - GUTTER : width;
  const matrixWidth = wide ? Math.min(MATRIX_MOST, Math.round(room * 0.42)) : width;
  const gridWidth = wide ? room - matrixWidth - GUTTER : width;
  return (
    <div
      class={`attnw-app ${wide ? "attnw-wide" : "attnw-narrow"} ${beside ? "attnw-beside" : ""}`}
      lang={state.lang.value}
    >
      <Head state={state} />
      {t._can_run.value && <RunPanel {...props} />}
      <Problem state={state} />
      <div class="attnw-body">
        <div class="attnw-columns">
          <section
            class="attnw-column"
            aria-label={w.gridTitle}
            style={{ width: `${gridWidth}px` }}
          >
            <Controls state={state} />
            <p class="attnw-quiet attnw-small">{w.gridHelp}</p>
            <Shown state={state} />
            <Grid state={state} width={gridWidth} />
            <HeadReading state={state} />
            <Legend state={state} />
          </section>
          <Focus {...props} width={matrixWidth} />
        </div>
        <div class="attnw-panels">
          <SpecialPanel {...props} />
          <MaskPanel state={state} />
          <EffectPanel {...props} />
        </div>
      </div>
    </div>
  );
}

function Head({ state }: { state: ViewState }) {
  const { store } = state;
  const w = state.words.value;
  const info = state.info.value;
  const [layers, heads, queries, keys] = info.shape;
  const lang = state.lang.value;
  return (
    <div class="attnw-head">
      <div class="attnw-what">
        <b>{info.text.map((text) => w.quoted(text)).join(" ")}</b>
        <p class="attnw-quiet">
          {info.model && `${info.model} · `}
          {w.title(
            layers,
            heads,
            info.keyTokens ? `${queries} × ${keys}` : queries,
            w.kinds[info.kind],
          )}
        </p>
        {info.tokensLost > 0 && (
          <p class="attnw-problem">{w.tokensLost(info.tokensLost, queries)}</p>
        )}
        {info.note && <p class="attnw-quiet attnw-small">{info.note}</p>}
      </div>
      <LangSwitch lang={lang} words={w} onChoose={(lang) => store.choose({ lang })} />
    </div>
  );
}

/** The numbers of the head under the pointer, else of the one in focus. */
function HeadReading({ state }: { state: ViewState }) {
  const t = state.store.traits;
  const w = state.words.value;
  const { layer, head } = state.hoverHead.value ?? { layer: t.layer.value, head: t.head.value };
  const outside = state.outside.value;
  const { uniform, roles } = state.info.value.special;
  const parts = [];
  const difference = state.second.shown.value === "difference";
  const between = state.between.value;
  if (between) parts.push(between.moved(percent(state.moved(layer, head))));
  if (!difference && Object.keys(roles).length > 0)
    parts.push(
      (state.arriving.value ? w.normsReading : w.specialReading)(
        percent(state.special(layer, head).all),
        percent(uniform),
      ),
    );
  if (outside && state.second.shown.value === "first") {
    const share = percent(outside.share(layer, head));
    parts.push(w.outsideReading(outside.exact ? share : w.about(share)));
  }
  return (
    <p class="attnw-reading" aria-live="polite" data-testid="attnw-head-reading">
      <strong>{w.headReading(layer, head)}</strong>
      {parts.map((part) => (
        <span key={part}> · {part}</span>
      ))}
    </p>
  );
}
