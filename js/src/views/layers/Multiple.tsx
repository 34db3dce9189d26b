import { across, area, line, nearest } from "../../draw/depth";
import type { ViewState } from "../state";
import type { Panel } from "./panels";

const HEIGHT = 56;
const PAD = 5;
const HEAD = 14;
const FOOT = 14;

/** One of the small multiples: the mean over heads, from the least to the largest of them. */
export function Multiple(props: {
  readonly state: ViewState;
  readonly panel: Panel;
  readonly width: number;
  readonly at: number;
  readonly pointed: number | null;
  readonly onPoint: (at: number | null) => void;
}) {
  const { state, panel, width, at, onPoint } = props;
  const layers = state.layers.value;
  const w = state.words.value.layers;
  const count = layers.length;
  const room = width - 2 * PAD;
  const x = (place: number) => across(place, count, room);
  const y = (value: number) => HEIGHT * (1 - Math.min(1, value / panel.top));
  const read = props.pointed ?? at;
  const band = panel.bands[read] ?? null;
  const here = panel.bands[at] ?? null;
  const spread =
    band && band.low !== band.high ? w.spread(panel.say(band.low), panel.say(band.high)) : "";
  const said = band ? panel.say(band.mean) : "–";
  const other = panel.second?.[read] ?? null;
  const place = (event: PointerEvent | MouseEvent) => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    return nearest(((event.clientX - box.left) / box.width) * width - PAD, count, room);
  };
  const even = panel.even === null ? "" : w.even(panel.say(panel.even));
  const color = panel.color ? { color: panel.color } : {};
  return (
    <figure class="attnw-multiple" data-panel={panel.id}>
      <figcaption title={panel.help}>
        {panel.name} <b>{said}</b>
        {other !== null && <span class="attnw-quiet"> ┄ {panel.say(other)}</span>}
      </figcaption>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the slider above does the same */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: so do its keys */}
      <div
        onPointerMove={(event) => onPoint(place(event))}
        onPointerLeave={() => onPoint(null)}
        onClick={(event) => state.store.choose({ layer: layers[place(event)]! })}
      >
        <svg
          viewBox={`${-PAD} ${-HEAD} ${width} ${HEAD + HEIGHT + FOOT}`}
          width={width}
          role="img"
          aria-label={`${panel.help} ${w.said(layers[read]!, said, spread)} ${even}`}
          style={color}
        >
          <line class="attnw-base" x1={0} x2={room} y1={HEIGHT} y2={HEIGHT} />
          <path class="attnw-band" d={area(panel.bands, x, y)} />
          {panel.even !== null && (
            <line class="attnw-even" x1={0} x2={room} y1={y(panel.even)} y2={y(panel.even)} />
          )}
          <line class="attnw-at" x1={x(at)} x2={x(at)} y1={0} y2={HEIGHT} />
          {read !== at && (
            <line class="attnw-pointed" x1={x(read)} x2={x(read)} y1={0} y2={HEIGHT} />
          )}
          {panel.second && <path class="attnw-second" d={line(panel.second, x, y)} />}
          <path
            class="attnw-mean"
            d={line(
              panel.bands.map((one) => one?.mean ?? null),
              x,
              y,
            )}
          />
          {here && <circle cx={x(at)} cy={y(here.mean)} r={3} />}
          <text x={0} y={-4}>
            {panel.say(panel.top)}
          </text>
          <text x={0} y={HEIGHT + 11}>
            {layers[0]}
          </text>
          {count > 1 && (
            <text x={room} y={HEIGHT + 11} text-anchor="end">
              {layers[count - 1]}
            </text>
          )}
        </svg>
      </div>
      <p class="attnw-quiet attnw-small">{spread}</p>
    </figure>
  );
}
