import type { TokenInfo } from "../data/types";
import { css, ROLE, roleKey } from "../draw/color";
import { BAND, span } from "../draw/layout";
import type { ViewState } from "./state";

/** Neighbouring special tokens of one role. */
export interface Run {
  readonly role: string;
  readonly from: number;
  readonly to: number;
  readonly of: number;
}

export function roleRuns(tokens: readonly TokenInfo[]): Run[] {
  const runs: Run[] = [];
  tokens.forEach(({ role }, i) => {
    if (!roleKey(role)) return;
    const last = runs.at(-1);
    if (last && last.role === role && last.to === i) runs[runs.length - 1] = { ...last, to: i + 1 };
    else runs.push({ role, from: i, to: i + 1, of: tokens.length });
  });
  return runs;
}

/** Mark special columns above a picture and special rows on its left; [SEP] is half as thick. */
export function bands(
  ctx: CanvasRenderingContext2D,
  state: ViewState,
  [x, y, width, height]: readonly [number, number, number, number],
  columns: readonly Run[],
  rows: readonly Run[],
): void {
  const colors = ROLE[state.theme.peek()];
  const strip = (
    run: Run,
    length: number,
    paint: (from: number, to: number, thick: number) => void,
  ) => {
    ctx.fillStyle = css(colors[roleKey(run.role) ?? "other"]);
    const from = span(run.from, run.of, length)[0];
    const to = Math.max(from + 1.5, span(run.to - 1, run.of, length)[1]);
    paint(from, to, run.role === "sep" ? BAND / 2 : BAND);
  };
  for (const run of columns)
    strip(run, width, (from, to, thick) => ctx.fillRect(x + from, y - thick, to - from, thick));
  for (const run of rows)
    strip(run, height, (from, to, thick) => ctx.fillRect(x - thick, y + from, thick, to - from));
}
