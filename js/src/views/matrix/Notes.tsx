import { keyTokens } from "../../data/decode";
import type { MatrixLayout } from "../../draw/matrix";
import { parts } from "../../draw/matrix";
import { patchesOf, thumbs } from "../../draw/patches";
import type { ViewState } from "../state";
import type { Scene } from "./scene";

/** What stands beside the squares and over them, in a few words below. */
export function Notes(props: { state: ViewState; scene: Scene; layout: MatrixLayout }) {
  const { state, scene, layout } = props;
  const w = state.words.value.matrix;
  const info = state.info.value;
  const { margins, pooled, mask } = scene;
  const { rowEvery, colEvery } = layout;
  const notes: string[] = [];
  if (pooled) {
    const each = `${Math.ceil(pooled.rows)} × ${Math.ceil(pooled.cols)}`;
    notes.push(`${w.pooled(each)}: ${w.pooledWhy[pooled.why]}`);
  }
  if (!margins && state.second.shown.value !== "difference") notes.push(w.noBars);
  if (margins) {
    const arrives = state.arriving.value;
    notes.push(arrives ? w.rowNorms : w.rowBars);
    if (margins.outside.some((share) => share > 0.005)) notes.push(w.rowBarsOutside);
    notes.push((arrives ? w.colNorms : w.colBars)(margins.most.toFixed(2)));
  }
  if (mask) notes.push(w.edge);
  if (parts(info.tokens).length > 0 || parts(keyTokens(info)).length > 0) notes.push(w.parts);
  const [ofRows, ofCols] = [patchesOf(info, false), patchesOf(info, true)];
  if (ofCols) {
    const cells = [layout.width / layout.cols, ...(ofRows ? [layout.height / layout.rows] : [])];
    const all = cells.every((cell) => thumbs(cell).every === 1);
    notes.push(all ? state.words.value.patches.axes : state.words.value.patches.someAxes);
    if (!ofRows && rowEvery > 1) notes.push(w.rowsEvery(rowEvery));
  } else if (rowEvery === colEvery && rowEvery > 1) notes.push(w.everyLabel(rowEvery));
  else {
    if (rowEvery > 1) notes.push(w.rowsEvery(rowEvery));
    if (colEvery > 1) notes.push(w.colsEvery(colEvery));
  }
  if (state.seen.value.mean && state.bound.value?.mask === null) notes.push(w.meanMasks);
  return (
    <ul class="attnw-keys attnw-notes" data-testid="attnw-matrix-notes">
      {notes.map((note) => (
        <li key={note}>{note}</li>
      ))}
    </ul>
  );
}
