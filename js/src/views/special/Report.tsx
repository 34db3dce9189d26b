import type { AnyModel } from "@anywidget/types";
import { EffectPanel } from "../EffectPanel";
import type { ExactRows } from "../exact";
import { LangSwitch } from "../LangSwitch";
import { Problem } from "../Problem";
import { RunPanel } from "../RunPanel";
import type { ViewState } from "../state";
import { SpecialPanel } from "./SpecialPanel";

/** The panel of special tokens alone, with its text, and its model where that can be changed. */
export function Report(props: {
  readonly state: ViewState;
  readonly model: AnyModel;
  readonly rows: ExactRows;
  readonly signal: AbortSignal;
}) {
  const { state } = props;
  const t = state.store.traits;
  const w = state.words.value;
  const info = state.info.value;
  const lang = state.lang.value;
  return (
    <div class="attnw-app attnw-report" lang={lang}>
      <div class="attnw-head">
        <div class="attnw-what">
          <b>{info.text.map((text) => w.quoted(text)).join(" ")}</b>
          {info.model && <p class="attnw-quiet">{info.model}</p>}
        </div>
        <LangSwitch lang={lang} words={w} onChoose={(lang) => state.store.choose({ lang })} />
      </div>
      {t._can_run.value && <RunPanel {...props} />}
      <Problem state={state} />
      <SpecialPanel {...props} alone />
      {(t._can_apply.value || t._effect.value.written !== undefined) && (
        <EffectPanel {...props} alone />
      )}
    </div>
  );
}
