import type { PerHead } from "../data/types";
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
  const roles = [
    ...new Set([...Object.keys(state.info.value.special.roles), ...state.roles.value]),
  ];
  const colors = ROLE[state.theme.value];
  const even = state.info.value.special.uniform;
  const step = WIDTH / layers.length;
  const y = (share: number) => HEIGHT * (1 - share);
  const { info } = state;
  const second = state.second.info.value;
  const tables = [
    Object.fromEntries(
      Object.entries(info.value.special.roles).map(([role, { share }]) => [role, share]),
    ),
    ...(second ? [second.roles] : []),
  ];
  const share = (layer: number, role: string, table: Readonly<Record<string, PerHead>>) => {
    const row = table[role]?.[info.value.layers.indexOf(layer)];
    if (!row) return 0;
    return (
      heads.reduce((sum, head) => sum + row[info.value.heads.indexOf(head)]!, 0) / heads.length
    );
  };
  const said = (layer: number) =>
    w.profileSaid(
      layer,
      roles
        .map((role) => {
          const shares = tables.map((table) => percent(share(layer, role, table)));
          return `${w.roleName(role)} ${shares.join(" → ")}`;
        })
        .join(", "),
    );
  const between = state.between.value;
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
          return (
            <g key={layer}>
              <title>{said(layer)}</title>
              <rect class="attnw-track" x={at * step} y={0} width={step - GAP} height={HEIGHT} />
              {tables.map((table, number) => {
                const width = (step - GAP) / tables.length;
                let top = HEIGHT;
                return roles.map((role) => {
                  const height = HEIGHT * share(layer, role, table);
                  top -= height;
                  return (
                    <rect
                      key={`${number} ${role}`}
                      x={at * step + number * width}
                      y={top}
                      width={width}
                      height={height}
                      fill={css(colors[roleKey(role) ?? "other"])}
                      fill-opacity={number === 0 ? 1 : 0.55}
                    />
                  );
                });
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
      <p class="attnw-quiet attnw-small">
        {between && `${w.profileTwo(between.first, between.second)} `}
        {w.profileNote}
      </p>
    </figure>
  );
}
