import { useRef } from "preact/hooks";

type End = 0 | 1;

/** A rail with two thumbs, at whole positions from 0 to `most`. */
export function TwoEnds(props: {
  readonly ends: readonly [number, number];
  readonly most: number;
  /** What each thumb is called, has as its test id, and says of a position. */
  readonly names: readonly [string, string];
  readonly testids: readonly [string, string];
  readonly said: (position: number) => string | number;
  readonly page: number;
  readonly onMove: (ends: [number, number], pace: "choose" | "drag") => void;
}) {
  const { ends, most, page } = props;
  const rail = useRef<HTMLDivElement>(null);
  const dragging = useRef<End | null>(null);
  const put = (end: End, position: number, pace: "choose" | "drag") => {
    const at = Math.min(most, Math.max(0, position));
    const next: [number, number] =
      end === 0 ? [Math.min(at, ends[1]), ends[1]] : [ends[0], Math.max(at, ends[0])];
    if (next[0] !== ends[0] || next[1] !== ends[1]) props.onMove(next, pace);
  };
  const positionOf = (event: PointerEvent) => {
    const box = rail.current!.getBoundingClientRect();
    return Math.round(((event.clientX - box.left) / box.width) * most);
  };
  const grab = (event: PointerEvent) => {
    const at = positionOf(event);
    const [low, high] = [Math.abs(at - ends[0]), Math.abs(at - ends[1])];
    dragging.current = low < high || (low === high && at < ends[0]) ? 0 : 1;
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
    put(dragging.current, at, "drag");
  };
  const key = (end: End) => (event: KeyboardEvent) => {
    const by = {
      ArrowLeft: -1,
      ArrowDown: -1,
      ArrowRight: 1,
      ArrowUp: 1,
      PageDown: -page,
      PageUp: page,
    }[event.key];
    const to = event.key === "Home" ? 0 : event.key === "End" ? most : undefined;
    if (by === undefined && to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    put(end, to ?? ends[end] + by!, "choose");
  };
  const percent = (position: number) => (most > 0 ? `${(100 * position) / most}%` : "50%");
  const letGo = () => {
    dragging.current = null;
  };
  const thumb = (end: End) => {
    const said = props.said(ends[end]);
    const spoken = typeof said === "string";
    const at = (position: number) => (spoken ? position : (props.said(position) as number));
    return (
      <div
        class="attnw-thumb"
        role="slider"
        tabIndex={0}
        data-testid={props.testids[end]}
        aria-label={props.names[end]}
        aria-valuemin={at(end === 0 ? 0 : ends[0])}
        aria-valuemax={at(end === 0 ? ends[1] : most)}
        aria-valuenow={at(ends[end])}
        aria-valuetext={spoken ? said : undefined}
        style={{ left: percent(ends[end]) }}
        onKeyDown={key(end)}
      />
    );
  };
  return (
    <div
      class="attnw-rail-room"
      onPointerDown={grab}
      onPointerMove={(event) => {
        if (dragging.current !== null) put(dragging.current, positionOf(event), "drag");
      }}
      onPointerUp={letGo}
      onPointerCancel={letGo}
    >
      <div class="attnw-rail" ref={rail}>
        <div
          class="attnw-rail-on"
          style={{ left: percent(ends[0]), right: `calc(100% - ${percent(ends[1])})` }}
        />
        {thumb(0)}
        {thumb(1)}
      </div>
    </div>
  );
}
