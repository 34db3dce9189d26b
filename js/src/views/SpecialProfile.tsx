import { css, ROLE, roleKey } from "../draw/color";
import { percent } from "../text/numbers";
import type { ViewState } from "./state";

const HEIGHT = 56;
const WIDTH = 240;
const GAP = 3;
/** Room for the numbers of the layers, and for those of the scale. */
const FOOT = 14;
const SIDE = 36;

/** Share of the words' attention on special tokens over depth: a bar per layer, a line if even. */
export function SpecialProfile({ state }: { state: ViewState }) {
  const w = state.words.value;
  const layers = state.layers.value;
  const heads = state.heads.value;
  const roles = state.roles.value;
  const colors = ROLE[state.theme.value];
  const even = state.info.value.special.uniform;
  const step = WIDTH / layers.length;
  const y = (share: number) => HEIGHT * (1 - share);
  const share = (layer: number, part: number) =>
    heads.reduce((sum, head) => sum + state.special(layer, head).parts[part]![1], 0) / heads.length;
  const said = (layer: number) =>
    w.profileSaid(
      layer,
      roles.map((role, i) => `${w.roleName(role)} ${percent(share(layer, i))}`).join(", "),
    );
  return (
    <figure class="attnw-drift">
      <figcaption>{w.profileTitle}</figcaption>
      <svg
        viewBox={`-${SIDE} -5 ${WIDTH + SIDE + 2} ${HEIGHT + FOOT + 6}`}
        width={WIDTH + SIDE + 2}
        role="img"
        data-testid="attnw-special-profile"
        aria-label={`${layers.map(said).join("; ")}. ${w.profileEven(percent(even))}`}
      >
        {[0, 1].map((tick) => (
          <text key={tick} x={-4} y={y(tick) + 3} text-anchor="end">
            {percent(tick)}
          </text>
        ))}
        {layers.map((layer, at) => {
          let top = HEIGHT;
          return (
            <g key={layer}>
              <title>{said(layer)}</title>
              <rect class="attnw-track" x={at * step} y={0} width={step - GAP} height={HEIGHT} />
              {roles.map((role, part) => {
                const height = HEIGHT * share(layer, part);
                top -= height;
                return (
                  <rect
                    key={role}
                    x={at * step}
                    y={top}
                    width={step - GAP}
                    height={height}
                    fill={css(colors[roleKey(role) ?? "other"])}
                  />
                );
              })}
              {(step > 14 || at % 4 === 0) && (
                <text x={at * step + (step - GAP) / 2} y={HEIGHT + 11} text-anchor="middle">
                  {layer}
                </text>
              )}
            </g>
          );
        })}
        <line class="attnw-even" x1={0} x2={WIDTH - GAP} y1={y(even)} y2={y(even)} />
      </svg>
      <p class="attnw-quiet attnw-small">{w.profileNote}</p>
    </figure>
  );
}
