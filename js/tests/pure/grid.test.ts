import { expect, test } from "vitest";
import {
  beyond,
  cellAt,
  flowLayout,
  type GridLayout,
  inView,
  meanAt,
  modelLayout,
  reveal,
  scrollable,
  stepFrom,
} from "../../src/draw/grid";
import { arrange, brackets, every, narrowed, type Valued, within } from "../../src/draw/order";

const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const START = { x: 0, y: 0 };
const ROOM = { width: 560, bars: 1, means: true, bracketed: false };

function heads(layers: number, count: number): Valued[] {
  return range(layers).flatMap((layer) =>
    range(count).map((head) => ({ layer, head, value: ((layer * 7 + head * 3) % 11) / 10 })),
  );
}

const flow = (all: Valued[], width = 560) =>
  flowLayout([{ name: null, heads: all }], { ...ROOM, width });

/** Every head is found where it is drawn, wherever the part that is seen is scrolled to. */
function findable(layout: GridLayout, among = layout.cells): void {
  for (const cell of among) {
    const scroll = reveal(layout, START, cell);
    for (const part of [0, layout.size - 0.01]) {
      const x = layout.left + cell.x - scroll.x + part;
      const y = layout.top + cell.y - scroll.y + part;
      expect(cellAt(layout, scroll, x, y)).toBe(cell);
    }
    expect(inView(layout, scroll)).toContain(cell);
  }
}

test("every head can be hit at its own place, in grids of any size", () => {
  for (const [width, rows, columns, bars] of [
    [560, 6, 12, 2],
    [300, 32, 32, 0],
    [1200, 1, 1, 1],
    [900, 80, 64, 1],
  ] as const) {
    const room = { ...ROOM, width, bars };
    const layout = modelLayout(range(rows), range(columns), room);
    findable(
      layout,
      layout.cells.filter((_, i) => rows * columns < 1000 || i % 41 === 0),
    );
    if (columns < 30) expect(layout.width).toBeLessThanOrEqual(width);
    expect(layout.viewWidth).toBeLessThanOrEqual(width);
    expect(cellAt(layout, START, 1, 100)).toBeNull();
    expect(cellAt(layout, START, layout.left + 5, layout.viewHeight - 1)).toBeNull();
  }
});

test("a grid is shown whole up to the height of a screen, else through a part of bounded size", () => {
  for (const [rows, columns, whole] of [
    [6, 12, true],
    [12, 12, true],
    [32, 32, true],
    [80, 64, false],
  ] as const)
    for (const width of [430, 560, 800]) {
      const layout = modelLayout(range(rows), range(columns), { ...ROOM, width });
      if (width === 560) expect(scrollable(layout)).toBe(!whole);
      expect(layout.viewHeight).toBeLessThanOrEqual(800);
      if (!whole) expect(inView(layout, START).length).toBeLessThan(layout.cells.length / 2);
    }
});

test("in an order of their own all heads have a place, and none has another's", () => {
  for (const [layers, count, width] of [
    [6, 12, 430],
    [6, 12, 900],
    [32, 32, 560],
    [1, 1, 560],
  ] as const) {
    const layout = flow(heads(layers, count), width);
    findable(layout);
    expect(layout.width).toBeLessThanOrEqual(width);
    expect(new Set(layout.cells.map(({ x, y }) => `${x} ${y}`)).size).toBe(layers * count);
    expect(layout.cells.every(({ x }) => x + layout.size <= width)).toBe(true);
  }
});

test("groups stand below their captions and apart from each other", () => {
  const all = heads(3, 5);
  const layout = flowLayout(
    [
      { name: "block", heads: all.slice(0, 2) },
      { name: "broad", heads: all.slice(2) },
    ],
    ROOM,
  );
  expect(layout.captions.map(({ name, count }) => [name, count])).toEqual([
    ["block", 2],
    ["broad", 13],
  ]);
  const [first, second] = layout.captions;
  const top = (i: number) => layout.cells[i]!.y - layout.band - layout.name;
  expect(top(0)).toBeGreaterThan(first!.y);
  expect(top(1) + layout.stepY).toBeLessThanOrEqual(second!.y);
  expect(top(2)).toBeGreaterThan(second!.y);
  findable(layout);
});

test("nothing within makes an empty grid, not a broken one", () => {
  const layout = flowLayout([], ROOM);
  expect(layout.cells).toEqual([]);
  expect(layout.viewWidth).toBeGreaterThan(0);
  expect(layout.viewHeight).toBeGreaterThan(0);
  expect(stepFrom(layout, { layer: 0, head: 0 }, "ArrowRight")).toBeNull();
});

test("means are hit beside their row and below their column", () => {
  const layout = modelLayout(range(6), range(12), ROOM);
  const { cells, left, top, viewWidth, viewHeight, size } = layout;
  for (const { row, column, x, y } of cells) {
    expect(meanAt(layout, START, viewWidth - 5, top + y + size / 2)).toEqual({ row });
    expect(meanAt(layout, START, left + x + size / 2, viewHeight - 5)).toEqual({ column });
    expect(meanAt(layout, START, left + x + 1, top + y + 1)).toBeNull();
  }
  expect(meanAt(layout, START, viewWidth - 5, viewHeight - 5)).toBeNull();
});

test("arrows stay within rows and columns in the model's order", () => {
  const layout = modelLayout([2, 3, 4], [0, 5, 7], ROOM);
  const go = (layer: number, head: number, key: string) => {
    const cell = stepFrom(layout, { layer, head }, key);
    return cell && [cell.layer, cell.head];
  };
  expect(go(3, 5, "ArrowLeft")).toEqual([3, 0]);
  expect(go(3, 5, "ArrowRight")).toEqual([3, 7]);
  expect(go(3, 5, "ArrowUp")).toEqual([2, 5]);
  expect(go(3, 5, "ArrowDown")).toEqual([4, 5]);
  expect(go(3, 5, "Home")).toEqual([3, 0]);
  expect(go(3, 5, "End")).toEqual([3, 7]);
  expect(go(3, 7, "ArrowRight")).toBeNull();
  expect(go(4, 7, "ArrowDown")).toBeNull();
  expect(go(9, 9, "ArrowDown")).toEqual([2, 0]);
  expect(go(3, 5, "x")).toBeNull();
});

test("arrows follow an order of their own from its first head to its last", () => {
  const all = heads(3, 9).toSorted((a, b) => b.value! - a.value!);
  const layout = flow(all, 300);
  const walked = [all[0]!];
  for (let cell = stepFrom(layout, all[0]!, "ArrowRight"); cell; ) {
    walked.push(all.find(({ layer, head }) => layer === cell!.layer && head === cell!.head)!);
    cell = stepFrom(layout, cell, "ArrowRight");
  }
  expect(walked).toEqual(all);
  const last = layout.cells.at(-1)!;
  expect(stepFrom(layout, all[0]!, "End")).toBe(last);
  expect(stepFrom(layout, last, "Home")).toBe(layout.cells[0]);
  expect(stepFrom(layout, last, "ArrowLeft")).toBe(layout.cells.at(-2));
  const below = stepFrom(layout, all[layout.columns - 1]!, "ArrowDown")!;
  expect(below.row).toBe(1);
  expect(below.column).toBeLessThanOrEqual(layout.columns - 1);
});

test("a step to a head out of sight scrolls no farther than it takes", () => {
  const layout = modelLayout(range(80), range(64), ROOM);
  const last = layout.cells.at(-1)!;
  const scroll = reveal(layout, START, last);
  expect(scroll.x + layout.viewWidth).toBeCloseTo(layout.width, 0);
  expect(scroll.y + layout.viewHeight).toBeCloseTo(layout.height, 0);
  expect(reveal(layout, scroll, last)).toEqual(scroll);
  expect(reveal(layout, scroll, layout.cells[0]!)).toEqual(START);
});

test("orders sort by the number, keep ties as they were, and put the unknown last", () => {
  const all: Valued[] = [0.3, null, 0.9, 0.3, 0].map((value, head) => ({ layer: 0, head, value }));
  const order = (name: "high" | "low", ends: readonly [number, number] = [0, 1]) =>
    arrange(all, name, ends, () => null, [])[0]!.heads.map(({ head }) => head);
  expect(order("high")).toEqual([2, 0, 3, 4, 1]);
  expect(order("low")).toEqual([4, 0, 3, 2, 1]);
  expect(order("high", [0.3, 1])).toEqual([2, 0, 3]);
  expect(order("low", [0, 0.5])).toEqual([4, 0, 3]);
});

test("in the model's order every head stays; by class each is in the group of its class", () => {
  const all = heads(4, 3);
  const names = ["a", "b", "c"];
  const groupOf = ({ head }: { head: number }) => names[head]!;
  expect(arrange(all, "model", [0.5, 0.6], groupOf, names)[0]!.heads).toBe(all);
  const groups = arrange(all, "group", [0, 1], groupOf, names);
  expect(groups.map(({ name }) => name)).toEqual(names);
  for (const { name, heads } of groups)
    expect(heads.map(groupOf)).toEqual([name, name, name, name]);
  expect(arrange(all, "group", [0, 1], () => "c", names).map(({ name }) => name)).toEqual(["c"]);
});

test("a narrowed range takes its ends, rounding apart, and leaves out what is not known", () => {
  expect(narrowed([0, 1])).toBe(false);
  expect(within(null, [0, 1])).toBe(true);
  expect(within(null, [0, 0.9])).toBe(false);
  expect(within(Math.fround(0.7), [0.7, 1])).toBe(true);
  expect(within(Math.fround(0.1), [0, 0.1])).toBe(true);
  expect(within(0.49, [0.5, 1])).toBe(false);
  expect(within(1.0000001, [0, 1])).toBe(true);
});

test("brackets hold the shown heads that share a key head, and no others", () => {
  expect(brackets(range(8), 4)).toEqual([
    [0, 3],
    [4, 7],
  ]);
  expect(brackets([1, 3, 4, 6], 4)).toEqual([
    [0, 1],
    [2, 3],
  ]);
  expect(brackets([0, 2, 5, 8], 2)).toEqual([
    [0, 0],
    [1, 1],
    [2, 2],
    [3, 3],
  ]);
  expect(brackets(range(12), 1)).toEqual([]);
});

test("numbers along a side never stand closer than they are wide", () => {
  for (const step of [5, 12, 13, 19, 40])
    for (const room of [13, 18]) {
      const n = every(step, room);
      expect(n * step).toBeGreaterThanOrEqual(room);
      expect(n === 1 || step < room).toBe(true);
    }
});

test("what lies out of sight is counted on each side, and nothing where all is seen", () => {
  const none = { left: 0, right: 0, above: 0, below: 0 };
  expect(beyond(modelLayout(range(6), range(12), ROOM), START)).toEqual(none);
  const large = modelLayout(range(80), range(64), ROOM);
  for (const cell of [large.cells[0]!, large.cells[2000]!, large.cells.at(-1)!]) {
    const scroll = reveal(large, START, cell);
    const { left, right, above, below } = beyond(large, scroll);
    const seen = inView(large, scroll);
    const columns = new Set(seen.map(({ column }) => column)).size;
    const rows = new Set(seen.map(({ row }) => row)).size;
    // those seen in part, at either end, are counted by which half is
    expect(Math.abs(64 - left - right - columns)).toBeLessThanOrEqual(1);
    expect(Math.abs(80 - above - below - rows)).toBeLessThanOrEqual(1);
  }
  expect(beyond(large, START)).toMatchObject({ left: 0, above: 0 });
  const last = reveal(large, START, large.cells.at(-1)!);
  expect(beyond(large, last)).toMatchObject({ right: 0, below: 0 });
  const flowing = flow(heads(80, 64));
  const { above, below } = beyond(flowing, { x: 0, y: 3 * flowing.stepY });
  expect(above).toBe(3);
  expect(below).toBeGreaterThan(3);
});
