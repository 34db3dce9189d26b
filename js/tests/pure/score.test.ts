import { expect, test } from "vitest";
import { ordered, type Parts, reach, rivals, slots, steps } from "../../src/draw/score";

/** Numbers that look drawn by lot, and are the same each time. */
function drawn(count: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return (state / 2147483648) * 4 - 2;
  });
}

const KEYS = 6;
const DIM = 8;

/** One row worked out the plain way; `mask` says which keys a query may look at. */
function row(
  change: Partial<Parts> & { mask?: (key: number) => boolean; sinkLogit?: number } = {},
) {
  const { mask = () => true, sinkLogit, ...given } = change;
  const q = drawn(DIM, 7);
  const keys = Array.from({ length: KEYS }, (_, j) => drawn(DIM, 100 + j));
  const dots = Float32Array.from(keys, (k) => k.reduce((sum, value, d) => sum + value * q[d]!, 0));
  const parts = { scaling: 0.5, softcap: null as number | null, bias: null, ...given };
  const bias = (parts.bias as Float32Array | null) ?? new Float32Array(KEYS);
  const cap = (x: number) =>
    parts.softcap === null ? x : parts.softcap * Math.tanh(x / parts.softcap);
  const powers = Array.from(dots, (dot, j) =>
    mask(j) ? Math.exp(cap(dot * parts.scaling) + bias[j]!) : 0,
  );
  const total =
    powers.reduce((a, b) => a + b, 0) + (sinkLogit === undefined ? 0 : Math.exp(sinkLogit));
  const weights = Float32Array.from(powers, (power) => (total > 0 ? power / total : 0));
  const key = change.key ?? 2;
  const made: Parts = {
    q,
    k: keys[key]!,
    key,
    dots,
    weights,
    sink: sinkLogit !== undefined,
    barred: () => false,
    ...parts,
  };
  return { made, dots, weights };
}

const near = (a: number, b: number) => expect(Math.abs(a - b)).toBeLessThan(1e-5);

test("the products add up to the sum, what is above zero and what is below apart", () => {
  const { made, dots } = row();
  const c = steps(made);
  near(
    c.products.reduce((a, b) => a + b, 0),
    dots[2]!,
  );
  near(c.sum, dots[2]!);
  near(c.up + c.down, c.sum);
  expect(c.up).toBeGreaterThan(0);
  expect(c.down).toBeLessThan(0);
});

test.each([
  ["plain", {}],
  ["unscaled", { scaling: 1 }],
  ["with a soft-cap", { softcap: 0.7 }],
  ["with a bias", { bias: drawn(KEYS, 3) }],
  ["with both", { softcap: 1.5, bias: drawn(KEYS, 4) }],
  ["with a causal mask", { mask: (key: number) => key <= 2, barred: (key: number) => key > 2 }],
  ["with a mask that the record does not tell", { mask: (key: number) => key !== 1 && key !== 4 }],
  ["with a learned sink", { sinkLogit: 1 }],
  ["with scores that e cannot be raised to", { scaling: 400 }],
])("the last number is the recorded weight, and every key's is: %s", (_, change) => {
  for (let key = 0; key < KEYS; key++) {
    const { made, weights } = row({ ...change, key });
    if (!made.weights.every(Number.isFinite)) {
      const top = made.dots.indexOf(Math.max(...made.dots));
      made.weights.fill(0)[top] = 1;
    }
    const c = steps(made);
    near(c.weight, c.recorded);
    expect(c.recorded).toBe(weights[key]);
    for (const [at, share] of c.shares.entries()) near(share, made.weights[at]!);
  }
});

test("a step that the model does not take is not there", () => {
  expect(steps(row().made)).toMatchObject({ capped: null, added: null, rest: 0, gone: 0 });
  const c = steps(row({ softcap: 0.7, bias: drawn(KEYS, 3) }).made);
  near(c.score, 0.7 * Math.tanh(c.scaled / 0.7) + drawn(KEYS, 3)[2]!);
  near(c.capped! + c.added!, c.score);
});

test("a key of weight 0 was forbidden if its score would have given it more", () => {
  const c = steps(row({ mask: (key) => key !== 2 }).made);
  expect(c).toMatchObject({ forbidden: true, gone: 1, weight: 0, recorded: 0 });
});

test("a weight too small for the record competes all the same, unless it is barred", () => {
  const { made } = row();
  const dots = made.dots.map((dot, key) => (key === 5 ? -60 : dot));
  const weights = made.weights.map((weight, key) => (key === 5 ? 0 : weight));
  expect(steps({ ...made, dots, weights }).competes[5]).toBe(1);
  expect(steps({ ...made, dots, weights, barred: (key) => key === 5 }).competes[5]).toBe(0);
});

test("a sink gets what the row leaves", () => {
  const { made, weights } = row({ sinkLogit: 0.5 });
  near(steps(made).rest, 1 - weights.reduce((a, b) => a + b, 0));
});

test("a query that may look at nothing gives nothing", () => {
  const c = steps(row({ mask: () => false, sinkLogit: 0 }).made);
  expect(c).toMatchObject({ total: 0, weight: 0, recorded: 0, rest: 1, gone: KEYS });
  expect([...c.shares]).toEqual(Array(KEYS).fill(0));
});

test("what the record leaves out shows as a difference", () => {
  const { made } = row();
  const weights = Float32Array.from([0.5, 0.1, 0.1, 0.1, 0.1, 0.1]);
  const c = steps({ ...made, weights });
  expect(Math.abs(c.weight - c.recorded)).toBeGreaterThan(1e-3);
});

test("dimensions are in their own order, or the largest first", () => {
  const products = Float32Array.from([0.5, -3, 2, 0]);
  expect(ordered(products, "number")).toEqual([0, 1, 2, 3]);
  expect(ordered(products, "size")).toEqual([1, 2, 0, 3]);
});

test("rivals are the keys that get most, and the key itself even if it gets little", () => {
  const shares = Float64Array.from([0.1, 0.4, 0.05, 0.3, 0.15]);
  expect(rivals(shares, 1, 3).named).toEqual([1, 3, 4]);
  const { named, others, share } = rivals(shares, 2, 3);
  expect(named).toEqual([1, 3, 2]);
  expect(others).toBe(2);
  near(share, 0.25);
  expect(rivals(shares, 0, 8)).toEqual({ named: [1, 3, 4, 0, 2], others: 0, share: 0 });
});

test("bars fill the room, with gaps where they are wide enough", () => {
  expect(slots(32, 320)).toEqual({ step: 10, bar: 9 });
  expect(slots(256, 384)).toEqual({ step: 1.5, bar: 1.5 });
  expect(reach(Float32Array.from([0.5, -2]), Float32Array.from([1]))).toBe(2);
  expect(reach(new Float32Array(3))).toBe(1);
});
