import { css } from "../../draw/color";
import { VEIL } from "../../draw/patches";
import { brush, useFrame } from "../canvas";
import type { ViewState } from "../state";
import { colors } from "./tone";

const WIDTH = 160;
const HEIGHT = 20;

/** What attention's colours look like over the picture, from its darkest to its lightest grey. */
export function PatchesLegend({ state }: { state: ViewState }) {
  const w = state.words.value.patches;
  const table = colors(state);
  const canvas = useFrame(
    (element) => {
      const ctx = brush(element, WIDTH, HEIGHT)?.ctx;
      if (!ctx) return;
      const greys = ctx.createLinearGradient(0, 0, 0, HEIGHT);
      greys.addColorStop(0, "#000");
      greys.addColorStop(1, "#fff");
      ctx.fillStyle = greys;
      ctx.fillRect(0, 0, WIDTH, HEIGHT);
      ctx.globalAlpha = VEIL;
      for (let x = 0; x < WIDTH; x++) {
        ctx.fillStyle = css(table[Math.round((255 * x) / (WIDTH - 1))]!);
        ctx.fillRect(x, 0, 1, HEIGHT);
      }
    },
    [table.join(";")],
  );
  return (
    <p class="attnw-line attnw-small attnw-quiet" title={w.legend}>
      <span>{w.less}</span>
      <canvas ref={canvas} class="attnw-picture-legend" role="img" aria-label={w.legend} />
      <span>{w.more}</span>
    </p>
  );
}
