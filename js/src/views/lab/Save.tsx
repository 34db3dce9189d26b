import { needsPython } from "../../masks/needs";
import { percent } from "../../text/numbers";
import { pngBlob, saveBlob, svgBlob } from "../save";
import { pixelsUrl } from "./pixels";
import type { LabBound, LabState } from "./state";
import { stillSvg, VECTOR_MOST } from "./still";

/** Pixels a side of a view too large for shapes; pixels of a PNG to a unit of the drawing. */
const PIXELS = 1280;
const SCALE = 2;

/** Save what is shown as a picture, made here; or as a page, which Python writes. */
export function Save({ state, bound }: { state: LabState; bound: LabBound | null }) {
  const w = state.words.value;
  const { asker } = state;
  const name = `mask-${state.store.traits.n.value}`;
  const still = (save: (svg: string) => Promise<void> | void) => async () => {
    if (!bound) return;
    try {
      await save(stillOf(state, bound));
    } catch (error) {
      state.problem.value = String((error as Error).message);
    }
  };
  return (
    <div class="attnw-row attnw-small">
      <span class="attnw-quiet">{w.save}</span>
      <button
        type="button"
        data-testid="attnw-save-png"
        title={w.saveSays.png}
        disabled={!bound}
        onClick={still(async (svg) => saveBlob(await pngBlob(svg, SCALE), `${name}.png`))}
      >
        {w.savePng}
      </button>
      <button
        type="button"
        data-testid="attnw-save-svg"
        title={w.saveSays.svg}
        disabled={!bound}
        onClick={still((svg) => saveBlob(svgBlob(svg), `${name}.svg`))}
      >
        {w.saveSvg}
      </button>
      {state.store.traits._asks.value && (
        <button
          type="button"
          data-testid="attnw-save-page"
          title={w.saveSays.page}
          onClick={async () => {
            const page = await asker.page();
            if (page) saveBlob(page, `${name}.html`);
            else if (asker.silent.peek()) state.problem.value = state.words.peek().silent;
          }}
        >
          {w.savePage}
        </button>
      )}
    </div>
  );
}

/** What is on show, with the words that say what it is. */
function stillOf(state: LabState, bound: LabBound): string {
  const w = state.words.value;
  const lang = state.lang.value;
  const view = state.view.value;
  const reach = state.under.value;
  const spec = state.spec.value;
  const { n, layer, head, _tokens } = state.store.traits;
  const number = (value: number) => value.toLocaleString(lang);
  const range = (from: number, to: number) => `${number(from)}–${number(to - 1)}`;
  const all = n.value * n.value;
  const { done, nnz, degrees } = bound.counts;
  const counted = done ? degrees : null;
  const step = state.step.value;
  const notes = [
    [
      w.stillTokens(number(n.value)),
      ...(done ? [`${w.pairs(number(nnz), number(all))} (${percent(nnz / all)})`] : []),
      ...(state.assigned.value || (spec && needsPython(spec))
        ? [w.stillHead(layer.value, head.value)]
        : []),
    ].join(" · "),
    ...(view.bottom - view.top < n.value
      ? [w.stillPart(range(view.top, view.bottom), range(view.left, view.right))]
      : []),
    ...(reach && step ? [state.said(step)] : []),
  ];
  const wide = view.bottom - view.top > VECTOR_MOST;
  return stillSvg({
    mask: bound.mask,
    view,
    reach,
    image: wide
      ? pixelsUrl({ mask: bound.mask, view, reach, theme: "light", degrees: counted }, PIXELS)
      : null,
    title: state.text.value,
    notes,
    names: _tokens.value,
    words: w,
    lang,
  });
}
