/** An explorer's picture as an SVG text: both columns of it, with what they come from. */

import { keyTokens } from "../../data/decode";
import { needsPython } from "../../masks/needs";
import type { MaskSpec } from "../../masks/spec";
import { format } from "../../masks/text";
import { said as saidEdit } from "../edits";
import type { ViewState } from "../state";
import { still } from "./still";

/** Pixels that the pictures of a file have at most, together. */
const MOST = 16_000_000;
/** From about this many tokens on a small picture needs more pixels than a screen gives it. */
const FINE = 40;

/** Draw what an explorer shows; `full` gives every cell of long texts pixels of its own. */
export function stillOf(state: ViewState, root: Element, detail: "pixels" | "full"): string {
  const w = state.words.peek();
  const info = state.info.peek();
  const columns = [...root.querySelectorAll(".attnw-columns > .attnw-column")];
  const area = columns.reduce(
    (sum, { clientWidth, clientHeight }) => sum + clientWidth * clientHeight,
    0,
  );
  const fine = detail === "full" && Math.max(...info.shape.slice(2)) > FINE;
  const ratio = fine ? Math.max(2, Math.min(4, Math.sqrt(MOST / Math.max(1, area)))) : 2;
  const [layers, heads, queries, keys] = info.shape;
  const tokens = info.keyTokens ? `${queries} × ${keys}` : queries;
  return still(
    columns,
    {
      title: info.text.map((text) => w.quoted(text)).join(" ") || w.explorer,
      under: [
        [info.model, w.title(layers, heads, tokens, w.kinds[info.kind])]
          .filter(Boolean)
          .join(" · "),
      ],
      sources: sources(state),
      data: { record: { ...info, tokens: undefined, special: undefined }, state: choices(state) },
      theme: state.theme.peek(),
      lang: state.lang.peek(),
    },
    ratio,
  );
}

function sources(state: ViewState): string[] {
  const w = state.words.peek();
  const info = state.info.peek();
  const t = state.store.traits;
  const mask = t.mask_shown.peek() && t.mask.peek();
  const second = state.second.shown.peek() === "first" ? null : state.second.info.peek();
  const lines: [string, string][] = [
    [w.save.from, info.source],
    [w.save.text, info.text.join(" / ")],
    [
      w.save.mask,
      mask ? `${maskText(state, mask)} (${w.save.readings[t.mask_reading.peek()]})` : "",
    ],
    [
      w.save.edits,
      t.edits
        .peek()
        .map((edit) => saidEdit(edit, w, keyTokens(info)))
        .join(w.andAlso),
    ],
    [w.save.second, second?.name ?? ""],
    [w.save.note, info.note],
  ];
  return lines.filter(([, said]) => said !== "").map((line) => line.join(": "));
}

function maskText(state: ViewState, mask: MaskSpec): string {
  return needsPython(mask) ? (state.store.traits._mask_effect.peek().text ?? "") : format(mask);
}

function choices(state: ViewState): Record<string, unknown> {
  const all = Object.entries(state.store.traits).filter(([name]) => !name.startsWith("_"));
  return Object.fromEntries(all.map(([name, value]) => [name, value.peek()]));
}
