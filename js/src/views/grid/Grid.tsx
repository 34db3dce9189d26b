import { useComputed } from "@preact/signals";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import {
  beyond,
  cellAt,
  flowLayout,
  meanAt,
  modelLayout,
  reveal,
  SCROLLBAR,
  scrollable,
  stepFrom,
} from "../../draw/grid";
import { pointOn, useFrame } from "../canvas";
import type { ViewState } from "../state";
import { drawFrames, drawGrid } from "./draw";

/** Every head shown as a small picture; one of them is in focus. */
export function Grid({ state, width }: { state: ViewState; width: number }) {
  const { store, grid } = state;
  const t = store.traits;
  const w = state.words.value;
  const layers = state.layers.value;
  const heads = state.heads.value;
  const byLayer = grid.byLayer.value;
  const room = {
    width,
    bars: Number(grid.barred) + Number(grid.loses),
    means: byLayer && grid.barred,
    bracketed: state.info.value.kvGroups > 1,
  };
  const groups = grid.groups.value;
  const laid = useMemo(
    () => (byLayer ? modelLayout(layers, heads, room) : flowLayout(groups, room)),
    [byLayer ? null : groups, layers, heads, ...Object.values(room)],
  );
  const pictured = useComputed(() => [
    t._record.value,
    t._cells.value,
    t._second.value,
    t._second_cells.value,
    state.second.shown.value,
    state.palette.value,
    t.scale.value,
    state.bound.value,
    t.mask_reading.value,
    t.special_mode.value,
    t.special_roles.value,
  ]).value;
  const beside = useComputed(() => [
    state.outside.value,
    grid.badge.value,
    grid.groups.value,
    t.badge_range.value,
    state.lang.value,
    state.theme.value,
  ]).value;
  const shape = [pictured, beside, laid, grid.scroll.value];
  const base = useFrame((element) => drawGrid(element, state, laid, pictured), shape);
  const frames = useFrame(
    (element) => drawFrames(element, state, laid),
    [...shape, t.layer.value, t.head.value, state.hoverHead.value],
  );
  const port = useRef<HTMLDivElement>(null);
  const scrolls = scrollable(laid);
  // what no longer scrolls that far is scrolled back by the browser, and says so
  useLayoutEffect(() => {
    const element = scrolls ? port.current : null; // asking for nothing would lay the page out
    const { scrollLeft: x, scrollTop: y } = element ?? { scrollLeft: 0, scrollTop: 0 };
    const now = grid.scroll.peek();
    if (now.x !== x || now.y !== y) grid.scroll.value = { x, y };
  }, [laid.width, laid.height, laid.viewWidth, laid.viewHeight]);

  const placeAt = (event: MouseEvent) => {
    const [x, y] = pointOn(event.currentTarget as HTMLCanvasElement, event);
    const scroll = grid.scroll.peek();
    const mean = meanAt(laid, scroll, x, y);
    return {
      head: cellAt(laid, scroll, x, y),
      mean: mean && ("row" in mean ? { layer: layers[mean.row]! } : { head: heads[mean.column]! }),
    };
  };
  const point = (event: PointerEvent) => {
    const { head, mean } = placeAt(event);
    const now = state.hoverHead.peek();
    if (head?.layer !== now?.layer || head?.head !== now?.head)
      state.hoverHead.value = head && { layer: head.layer, head: head.head };
    const before = grid.hoverMean.peek();
    if (JSON.stringify(before) !== JSON.stringify(mean)) grid.hoverMean.value = mean;
  };
  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.key === "Enter") {
      event.preventDefault();
      toFocus(event.currentTarget as HTMLElement);
      return;
    }
    if (!KEYS.has(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    const cell = stepFrom(laid, { layer: t.layer.peek(), head: t.head.peek() }, event.key);
    if (!cell) return;
    store.choose({ layer: cell.layer, head: cell.head });
    const to = reveal(laid, grid.scroll.peek(), cell);
    port.current?.scrollTo(to.x, to.y);
  };
  const said = byLayer
    ? `${w.gridLabel(layers.length, heads.length, t.layer.value, t.head.value)} ${w.grid.enter}`
    : w.grid.flowLabel(
        laid.cells.length,
        w.grid.orders[t.order.value],
        t.layer.value,
        t.head.value,
      );
  const out = scrolls ? beyond(laid, grid.scroll.value) : null;
  return (
    <>
      <div
        ref={port}
        class={`attnw-port ${scrolls ? "attnw-scrolls" : ""}`}
        style={{
          width: `${Math.min(width, laid.viewWidth + (scrolls ? SCROLLBAR : 0))}px`,
          height: `${laid.viewHeight + (laid.width > laid.viewWidth ? SCROLLBAR : 0)}px`,
        }}
        onScroll={({ currentTarget }) => {
          grid.scroll.value = { x: currentTarget.scrollLeft, y: currentTarget.scrollTop };
        }}
      >
        <div
          style={{
            width: `calc(100% + ${laid.width - laid.viewWidth}px)`,
            height: `calc(100% + ${laid.height - laid.viewHeight}px)`,
          }}
        >
          <div class="attnw-pinned">
            <canvas
              ref={base}
              class="attnw-grid"
              data-testid="attnw-grid"
              tabIndex={0}
              role="img"
              aria-label={said}
              onPointerMove={point}
              onPointerLeave={() => {
                state.hoverHead.value = null;
                grid.hoverMean.value = null;
              }}
              onClick={(event) => {
                const { head } = placeAt(event);
                if (head) store.choose({ layer: head.layer, head: head.head });
              }}
              onKeyDown={press}
            />
            <div aria-hidden="true">
              <canvas ref={frames} class="attnw-frames" />
            </div>
          </div>
        </div>
      </div>
      {out && Object.values(out).some((count) => count > 0) && (
        <p class="attnw-quiet attnw-small" data-testid="attnw-beyond">
          {w.grid.beyond(byLayer, out)}
        </p>
      )}
    </>
  );
}

const KEYS = new Set(["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End"]);

/** From the grid to the head in full: what is drawn there, or else the first control. */
function toFocus(from: HTMLElement): void {
  const column = from.closest(".attnw-columns")?.lastElementChild;
  const there =
    column?.querySelector<HTMLElement>("canvas[tabindex], svg[tabindex]") ??
    column?.querySelector<HTMLElement>("button, input, [tabindex='0']");
  there?.focus();
}
