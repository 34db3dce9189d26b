import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { PatchesInfo } from "../../data/types";
import { css, PAPER } from "../../draw/color";
import { patchSize, type Spot, spotOf, stepped, tokenOf, VEIL } from "../../draw/patches";
import { brush, counted, INK, pointOn, useFrame } from "../canvas";
import { useOwnId } from "../ids";
import type { ViewState } from "../state";
import { bitmaps } from "../thumbnails";
import type { Shade } from "./Flow";
import { PatchesLegend } from "./PatchesLegend";

/** The picture as the model cut it: pick a patch, and attention colours the others. */
export function Patches(props: {
  readonly state: ViewState;
  readonly patches: PatchesInfo;
  readonly width: number;
  readonly picked: number | null;
  readonly shade: ((at: number) => Shade) | null;
  readonly hidden: Uint8Array | null;
  readonly onPick: (at: number | null) => void;
}) {
  const { state, patches, width, picked, shade, hidden, onPick } = props;
  const words = state.words.value;
  const w = words.patches;
  const id = useOwnId();
  const pictures = bitmaps(state);
  const { rows, columns } = patches;
  const cell = patchSize(patches, width);
  const [wide, tall] = [columns * cell.width, rows * cell.height];
  const chosen = picked === null ? null : spotOf(patches, picked);
  const rover = useSignal<Spot>(chosen ?? { row: 0, column: 0 });
  const focused = useSignal(false);
  const pointed = useSignal<Spot | null>(null);
  useEffect(() => {
    if (chosen) rover.value = chosen;
  }, [picked]);
  useEffect(() => {
    rover.value = { row: 0, column: 0 };
  }, [patches]);
  const base = useRef<HTMLCanvasElement | null>(null);
  const drawn = useRef<readonly unknown[]>([]);
  const theme = state.theme.value;
  const read = pointed.value ?? (focused.value ? rover.value : null);
  const still = [pictures, patches, shade, hidden, theme, wide, tall];
  const canvas = useFrame(
    (element) => {
      const made = brush(element, wide, tall);
      if (!made) return;
      const { ctx, ratio } = made;
      const now = [...still, ratio];
      base.current ??= document.createElement("canvas");
      if (now.some((part, i) => part !== drawn.current[i])) {
        base.current.width = element.width;
        base.current.height = element.height;
        const below = base.current.getContext("2d");
        below?.setTransform(ratio, 0, 0, ratio, 0, 0);
        if (below) paint(below);
        drawn.current = now;
      }
      ctx.setTransform(1, 0, 0, 1, 0, 0);
      ctx.drawImage(base.current, 0, 0);
      ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
      if (pointed.value) frame(ctx, pointed.value, 1);
      if (chosen) frame(ctx, chosen, 2);
      if (focused.value) frame(ctx, rover.value, 2, true);
      counted(element);
    },
    [...still, chosen?.row, chosen?.column, pointed.value, rover.value, focused.value],
  );
  const paint = (ctx: CanvasRenderingContext2D) => {
    ctx.fillStyle = css(PAPER[theme]);
    ctx.fillRect(0, 0, wide, tall);
    if (pictures) ctx.drawImage(shade ? pictures.grey : pictures.color, 0, 0, wide, tall);
    if (!shade) return;
    ctx.globalAlpha = VEIL;
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        const at = tokenOf(patches, { row, column });
        ctx.fillStyle = (!hidden?.[at] && shade(at).paper) || css(PAPER[theme]);
        ctx.fillRect(column * cell.width, row * cell.height, cell.width, cell.height);
      }
    ctx.globalAlpha = 1;
  };
  const frame = (ctx: CanvasRenderingContext2D, spot: Spot, line: number, dashed = false) => {
    const [x, y] = [spot.column * cell.width, spot.row * cell.height];
    const [width, height] = [cell.width, cell.height];
    ctx.setLineDash([]);
    ctx.lineWidth = line + 2;
    ctx.strokeStyle = INK[theme].paper;
    ctx.strokeRect(x, y, width, height);
    ctx.setLineDash(dashed ? [3, 2] : []);
    ctx.lineWidth = line;
    ctx.strokeStyle = line > 1 ? INK[theme].accent : INK[theme].text;
    ctx.strokeRect(x, y, width, height);
  };
  const spotAt = (event: MouseEvent): Spot | null => {
    if (!canvas.current) return null;
    const [x, y] = pointOn(canvas.current, event);
    const spot = { row: Math.floor(y / cell.height), column: Math.floor(x / cell.width) };
    return spot.row >= 0 && spot.row < rows && spot.column >= 0 && spot.column < columns
      ? spot
      : null;
  };
  const pick = (spot: Spot) => {
    const at = tokenOf(patches, spot);
    rover.value = spot;
    onPick(at === picked ? null : at);
  };
  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const next = stepped(patches, rover.peek(), event.key);
    if (next) {
      rover.value = next;
      pointed.value = null;
    } else if (event.key === "Enter" || event.key === " ") pick(rover.peek());
    else if (event.key === "Escape") onPick(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const said = (spot: Spot) => {
    const at = tokenOf(patches, spot);
    const own = shade && (hidden?.[at] ? words.hidden : shade(at).said);
    return own ? `${w.name(spot.row, spot.column)}, ${own}` : w.name(spot.row, spot.column);
  };
  const { row, column } = rover.value;
  const own = `${id}-${row}-${column}`;
  return (
    <div class="attnw-picture">
      {/* biome-ignore lint/a11y/useSemanticElements: a table's cells would be as many as patches */}
      <div
        role="grid"
        tabIndex={0}
        aria-label={w.picture(rows, columns)}
        aria-rowcount={rows}
        aria-colcount={columns}
        aria-activedescendant={own}
        data-testid="attnw-patches"
        style={{ width: `${wide}px`, height: `${tall}px` }}
        onKeyDown={press}
        onPointerMove={(event) => {
          const spot = spotAt(event);
          const now = pointed.peek();
          if (spot?.row !== now?.row || spot?.column !== now?.column) pointed.value = spot;
        }}
        onPointerLeave={() => {
          pointed.value = null;
        }}
        onClick={(event) => {
          const spot = spotAt(event);
          if (spot) pick(spot);
        }}
        onFocus={(event) => {
          focused.value = event.currentTarget.matches(":focus-visible");
        }}
        onBlur={() => {
          focused.value = false;
        }}
      >
        <div aria-hidden="true">
          <canvas ref={canvas} data-testid="attnw-patches-canvas" />
        </div>
        {/* biome-ignore lint/a11y/useSemanticElements: as above */}
        {/* biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus for them */}
        <div role="row" aria-rowindex={row + 1} class="attnw-hush">
          {/* biome-ignore lint/a11y/useSemanticElements: as above */}
          {/* biome-ignore lint/a11y/useFocusableInteractive: as above */}
          <div
            key={own}
            id={own}
            role="gridcell"
            aria-colindex={column + 1}
            aria-selected={chosen?.row === row && chosen.column === column}
          >
            {said({ row, column })}
          </div>
        </div>
      </div>
      <p class="attnw-quiet attnw-small" data-testid="attnw-patches-reading">
        {read ? said(read) : w.point}
      </p>
      {shade && <PatchesLegend state={state} />}
      {state.second.shown.value !== "first" && state.second.info.value?.kind === "record" && (
        <p class="attnw-quiet attnw-small">{w.ofFirst}</p>
      )}
    </div>
  );
}
