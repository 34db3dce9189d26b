import { percent } from "../../text/numbers";
import type { ViewState } from "../state";
import { from, ofLayer, restName, type Shares } from "./shares";

const HEIGHT = 64;
const WIDTH = 240;
const GAP = 3;
/** Room for the numbers of the layers, and for those of the scale. */
const FOOT = 14;
const SIDE = 36;

/** Shares over depth: a bar per layer and record, its parts stacked, and a line if all were even. */
export function Profile({ state, shares }: { state: ViewState; shares: Shares }) {
  const w = state.words.value;
  const { measured, uniform } = shares;
  const role = from(state);
  const layers = state.layers.value;
  const step = WIDTH / layers.length;
  const y = (share: number) => HEIGHT * (1 - share);
  const said = (layer: number) => {
    const names = [...new Set(measured.flatMap(({ parts }) => parts.map(({ name }) => name)))];
    const told = names.map((name) => {
      const values = measured.map(({ parts }) => {
        const part = parts.find((one) => one.name === name);
        return part ? percent(ofLayer(state, part.table, layer)) : "–";
      });
      return `${name} ${values.join(" → ")}`;
    });
    return w.profileSaid(layer, told.join(w.comma));
  };
  const keys = new Map(
    measured.flatMap(({ parts }) => parts.map(({ name, color }) => [name, color] as const)),
  );
  return (
    <figure class="attnw-drift">
      <figcaption>{w.profileTitle}</figcaption>
      <svg
        viewBox={`-${SIDE} -5 ${WIDTH + SIDE + 2} ${HEIGHT + FOOT + 6}`}
        width={WIDTH + SIDE + 2}
        role="img"
        data-testid="attnw-special-profile"
        aria-label={`${layers.map(said).join("; ")}. ${w.profileEven(percent(uniform))}`}
      >
        {[0, 0.5, 1].map((tick) => (
          <text key={tick} x={-4} y={y(tick) + 3} text-anchor="end">
            {percent(tick)}
          </text>
        ))}
        {layers.map((layer, at) => (
          <g key={layer}>
            <title>{said(layer)}</title>
            <rect class="attnw-track" x={at * step} y={0} width={step - GAP} height={HEIGHT} />
            {measured.map(({ parts }, number) => {
              const width = (step - GAP) / measured.length;
              let top = HEIGHT;
              return parts.map(({ name, color, table }) => {
                const height = HEIGHT * ofLayer(state, table, layer);
                top -= height;
                return (
                  <rect
                    key={`${number} ${name}`}
                    x={at * step + number * width}
                    y={top}
                    width={width}
                    height={height}
                    fill={color}
                    fill-opacity={number === 0 ? 1 : 0.5}
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
        ))}
        <line class="attnw-even" x1={0} x2={WIDTH - GAP} y1={y(uniform)} y2={y(uniform)} />
      </svg>
      <ul class="attnw-keys">
        {[...keys].map(([name, color]) => (
          <li key={name}>
            <i class="attnw-swatch" style={{ background: color }} />
            {name}
          </li>
        ))}
        {role !== null && (
          <li>
            <i class="attnw-swatch attnw-rest" />
            {restName(state, state.info.value.special.rows[role]!)}
          </li>
        )}
        <li>
          <i class="attnw-swatch attnw-dashes" />
          {w.profileEven(percent(uniform))}
        </li>
      </ul>
      {measured.length > 1 && (
        <ul class="attnw-keys" data-testid="attnw-special-sides">
          {measured.map(({ name }, number) => (
            <li key={name}>
              <i class={`attnw-swatch attnw-side ${number === 0 ? "" : "attnw-pale"}`} />
              {number === 0 ? w.profileLeft(name) : w.profileRight(name)}
            </li>
          ))}
        </ul>
      )}
    </figure>
  );
}
