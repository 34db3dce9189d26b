import type { AnyModel } from "@anywidget/types";
import { Controls } from "./Controls";
import { EffectPanel } from "./EffectPanel";
import type { ExactRows } from "./exact";
import { Focus, type FocusProps, VIEWS_SHOWN } from "./Focus";
import { BadgeLegend } from "./grid/BadgeLegend";
import { Grid } from "./grid/Grid";
import { HeadReading, Means } from "./grid/HeadReading";
import { Sorting } from "./grid/Sorting";
import { Find } from "./habits/Find";
import { Help } from "./habits/Help";
import { pressed } from "./habits/keys";
import { Tools } from "./habits/Tools";
import { Tour } from "./habits/Tour";
import { LangSwitch } from "./LangSwitch";
import { Legend } from "./Legend";
import { MaskPanel } from "./MaskPanel";
import { Problem } from "./Problem";
import { RunPanel } from "./RunPanel";
import { SaveMenu } from "./SaveMenu";
import { Shown } from "./Shown";
import { SpecialPanel } from "./special/SpecialPanel";
import type { ViewState } from "./state";

/** Narrower than this, the head in focus stands below the grid instead of beside it. */
const SIDE_BY_SIDE = 720;
/** From this width on the panels stand beside the picture, too. */
const THREE_COLUMNS = 1320;
const PANELS = 360;
const GUTTER = 20;
/** What a projector enlarges letters, controls and pictures by. */
const LARGE = 1.3;
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
  const large = t.density.value === "projector";
  const width = Math.floor(state.width.value / (large ? LARGE : 1));
  if (width <= 0) return null;
  const wide = width >= SIDE_BY_SIDE;
  const beside = width >= THREE_COLUMNS;
  const room = beside ? width - PANELS - GUTTER : width;
  const matrixWidth = wide ? Math.min(MATRIX_MOST, Math.round(room * 0.42)) : width;
  const gridWidth = wide ? room - matrixWidth - GUTTER : width;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for the fields of a form
    <div
      role="group"
      aria-label={w.explorer}
      class={`attnw-app ${wide ? "attnw-wide" : "attnw-narrow"} ${beside ? "attnw-beside" : ""}`}
      lang={state.lang.value}
      style={large ? { zoom: LARGE } : undefined}
      onKeyDown={(event) => pressed(state, VIEWS_SHOWN, event)}
    >
      <Head state={state} model={props.model} signal={props.signal} />
      <Find state={state} />
      <Tour state={state} />
      <Help state={state} />
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
            <p class="attnw-quiet attnw-small">
              {state.grid.byLayer.value ? w.gridHelp : w.grid.flowHelp}
            </p>
            <Shown state={state} />
            <Sorting state={state} />
            <Grid state={state} width={gridWidth} />
            <HeadReading state={state} />
            <Means state={state} />
            <BadgeLegend state={state} />
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

function Head({ state, model, signal }: Pick<FocusProps, "state" | "model" | "signal">) {
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
      <div class="attnw-head-tools">
        <Tools state={state} />
        <SaveMenu state={state} model={model} signal={signal} />
        <LangSwitch lang={lang} words={w} onChoose={(lang) => store.choose({ lang })} />
      </div>
    </div>
  );
}
