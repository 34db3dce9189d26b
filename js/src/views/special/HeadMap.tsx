import { percent } from "../../text/numbers";
import type { ViewState } from "../state";
import { type Measured, total } from "./shares";

const ROOM = 260;
const MOST = 18;
const SIDE = 22;
const TOP = 12;

const STEPS: Record<string, readonly [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** A square per head, the stronger its colour the more it gives; one of them is in focus. */
export function HeadMap({ state, measured }: { state: ViewState; measured: Measured }) {
  const { store } = state;
  const t = store.traits;
  const w = state.words.value;
  const layers = state.layers.value;
  const heads = state.heads.value;
  const [layer, head] = [t.layer.value, t.head.value];
  const size = Math.min(MOST, (ROOM - SIDE) / heads.length);
  const share = (layer: number, head: number) => total(state, measured.parts, layer, head);
  const go = (among: readonly number[], from: number, by: number) =>
    among[Math.min(among.length - 1, Math.max(0, among.indexOf(from) + by))]!;
  const move = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    store.choose({
      layer: go(layers, t.layer.peek(), step[0]),
      head: go(heads, t.head.peek(), step[1]),
    });
  };
  const every = Math.ceil(13 / size);
  const [row, column] = [layers.indexOf(layer), heads.indexOf(head)];
  return (
    <figure class="attnw-drift">
      <figcaption>{w.headMapTitle(measured.name)}</figcaption>
      {/* Not the svg itself: JupyterLab takes the focus away from what is no HTML element. */}
      <div
        class="attnw-heads-map"
        role="img"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys move in it, as in the grid
        tabIndex={0}
        data-testid="attnw-special-heads"
        aria-label={w.headMapLabel(
          layers.length,
          heads.length,
          layer,
          head,
          percent(share(layer, head)),
        )}
        onKeyDown={move}
      >
        <svg
          aria-hidden="true"
          width={SIDE + size * heads.length + 2}
          height={TOP + size * layers.length + 2}
        >
          {heads.map((head, h) =>
            h % every === 0 ? (
              <text key={head} x={SIDE + (h + 0.5) * size} y={TOP - 3} text-anchor="middle">
                {head}
              </text>
            ) : null,
          )}
          {layers.map((layer, l) => (
            <g key={layer}>
              {l % every === 0 && (
                <text x={SIDE - 4} y={TOP + (l + 0.5) * size + 3.5} text-anchor="end">
                  {layer}
                </text>
              )}
              {heads.map((head, h) => (
                // biome-ignore lint/a11y/noStaticElementInteractions: arrow keys do the same
                <rect
                  key={head}
                  x={SIDE + h * size}
                  y={TOP + l * size}
                  width={size - 1}
                  height={size - 1}
                  fill-opacity={0.06 + 0.94 * Math.min(1, share(layer, head))}
                  onClick={() => store.choose({ layer, head })}
                >
                  <title>{w.headMapSaid(layer, head, percent(share(layer, head)))}</title>
                </rect>
              ))}
            </g>
          ))}
          {row >= 0 && column >= 0 && (
            <rect
              class="attnw-here"
              x={SIDE + column * size - 0.5}
              y={TOP + row * size - 0.5}
              width={size}
              height={size}
            />
          )}
        </svg>
      </div>
      <p class="attnw-small" aria-live="polite">
        {w.headMapSaid(layer, head, percent(share(layer, head)))}
      </p>
    </figure>
  );
}
