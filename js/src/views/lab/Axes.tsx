import type { Window } from "../../draw/density";
import { labels } from "../../draw/ticks";

/** The tokens along the picture's sides: their names, or numbers where those have no room. */
export function Axes(props: {
  readonly view: Window;
  readonly size: number;
  readonly gutter: number;
  readonly names: readonly string[] | null;
  readonly lang: string;
}) {
  const { view, size, gutter, names, lang } = props;
  const span = view.bottom - view.top;
  const at = (token: number, from: number) => `${((token - from + 0.5) * size) / span}px`;
  const say = (token: number) => names?.[token] ?? token.toLocaleString(lang);
  const ticks = (from: number, to: number, room: number) =>
    names
      ? Array.from({ length: to - from }, (_, i) => from + i)
      : labels(from, to, Math.floor(size / room));
  return (
    <>
      <div
        class={`attnw-names attnw-names-keys ${names ? "" : "attnw-flat"}`}
        style={{ height: names ? `${gutter}px` : "18px" }}
        aria-hidden="true"
      >
        {ticks(view.left, view.right, gutter + 26).map((token) => (
          <span key={token} style={{ left: at(token, view.left) }}>
            {say(token)}
          </span>
        ))}
      </div>
      <div
        class="attnw-names attnw-names-queries"
        style={{ width: `${gutter}px` }}
        aria-hidden="true"
      >
        {ticks(view.top, view.bottom, 40).map((token) => (
          <span key={token} style={{ top: at(token, view.top) }}>
            {say(token)}
          </span>
        ))}
      </div>
    </>
  );
}
