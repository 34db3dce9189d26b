import type { TokenInfo } from "../data/types";
import { BAND } from "../draw/layout";
import type { Span } from "../draw/raster";
import { groupFill } from "./fills";
import type { ViewState } from "./state";

/** Neighbouring tokens of one group. */
export interface Run {
  readonly role: string;
  readonly from: number;
  readonly to: number;
  readonly of: number;
}

export function roleRuns(tokens: readonly TokenInfo[], chosen: readonly string[]): Run[] {
  const runs: Run[] = [];
  tokens.forEach(({ group: role }, i) => {
    if (role === null || !chosen.includes(role)) return;
    const last = runs.at(-1);
    if (last && last.role === role && last.to === i) runs[runs.length - 1] = { ...last, to: i + 1 };
    else runs.push({ role, from: i, to: i + 1, of: tokens.length });
  });
  return runs;
}

/**
 * Mark columns counted as special above a picture and special rows on its left; [SEP] is half as
 * thick. Where only a part of the tokens is drawn, `part` says which.
 */
export function bands(
  ctx: CanvasRenderingContext2D,
  state: ViewState,
  [x, y, width, height]: readonly [number, number, number, number],
  columns: readonly Run[],
  rows: readonly Run[],
  part: { readonly rows?: Span; readonly cols?: Span } = {},
): void {
  const ratio = ctx.getTransform().a;
  const theme = state.theme.peek();
  const strip = (
    run: Run,
    length: number,
    among: Span | undefined,
    paint: (from: number, to: number, thick: number) => void,
  ) => {
    const { from: first, to: end } = among ?? { from: 0, to: run.of };
    const [begin, stop] = [Math.max(run.from, first), Math.min(run.to, end)];
    if (begin >= stop) return;
    const at = (token: number) => Math.floor(((token - first) * length) / (end - first));
    const from = at(begin);
    const to = Math.max(from + 1.5, at(stop));
    ctx.fillStyle = groupFill(ctx, theme, run.role, ratio);
    paint(from, to, run.role === "sep" ? BAND / 2 : BAND);
  };
  for (const run of columns)
    strip(run, width, part.cols, (from, to, thick) =>
      ctx.fillRect(x + from, y - thick, to - from, thick),
    );
  for (const run of rows)
    strip(run, height, part.rows, (from, to, thick) =>
      ctx.fillRect(x - thick, y + from, thick, to - from),
    );
}
