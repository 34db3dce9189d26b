/** Writing the rows of the further static kinds. */

import type { Frame, RowWriter } from "./evaluate";
import { draws, rowWords, word } from "./hashing";
import { MaskError } from "./spec";
import type { StaticSpec } from "./static";

export function staticWriter(mask: StaticSpec, frame: Frame): RowWriter {
  const { nKeys } = frame;
  const count = "size" in mask ? Math.ceil(nKeys / mask.size) : 0;
  switch (mask.kind) {
    case "shifted":
      return shiftedWriter(mask.kernel, mask.dilation, nKeys);
    case "blocks": {
      const { size, left, right } = mask;
      const write = (here: number, out: Int32Array) => {
        const block = Math.floor(here / size);
        return push(out, 0, (block - left) * size, (block + right + 1) * size, nKeys);
      };
      return { slots: 1, write };
    }
    case "global_blocks": {
      const chosen = new Set(mask.blocks.map((block) => within(block, count, mask.size)));
      const columns = keysOf([...chosen], mask.size, nKeys);
      const write = (here: number, out: Int32Array) =>
        chosen.has(Math.floor(here / mask.size))
          ? push(out, 0, 0, nKeys, nKeys)
          : copy(columns, out);
      return { slots: columns.length / 2, write };
    }
    case "random_blocks":
      return planned(mask.size, nKeys, Math.min(mask.r, count), (row) => {
        const free: number[] = [];
        for (let block = 1; row > 0 && row < count - 1 && block < count - 1; block++) {
          if (Math.abs(block - row) > 1) free.push(block);
        }
        if (free.length <= mask.r) return free;
        return draws(mask.seed, row, mask.r, free.length).map((at) => free[at]!);
      });
    case "block_pairs": {
      const rows = new Map<number, number[]>();
      for (const [i, j] of mask.pairs) {
        const row = within(i!, count, mask.size);
        rows.set(row, [...(rows.get(row) ?? []), within(j!, count, mask.size)]);
      }
      const most = Math.max(...[...rows.values()].map((blocks) => blocks.length));
      return planned(mask.size, nKeys, most, (row) => rows.get(row) ?? []);
    }
    case "documents":
      return documentsWriter(mask.lengths, nKeys);
    case "segments":
      return segmentsWriter(frame);
    case "residue":
      return {
        slots: Math.ceil(nKeys / mask.step),
        write: (here, out) => {
          let end = 0;
          for (let key = here % mask.step; key < nKeys; key += mask.step) {
            end = push(out, end, key, key + 1, nKeys);
          }
          return end;
        },
      };
    case "summary": {
      const columns = new Int32Array(2 * count);
      let end = 0;
      for (let block = 1; block <= count; block++) {
        const last = block * mask.size;
        end = push(columns, end, last - mask.keys, last, nKeys);
      }
      const kept = columns.subarray(0, end);
      return { slots: count, write: (_, out) => copy(kept, out) };
    }
    case "random": {
      const limit = Math.floor(mask.p * 2 ** 32);
      const write = (here: number, out: Int32Array) => {
        const words = rowWords(mask.seed, here);
        let end = 0;
        for (let key = 0; key < nKeys; key++) {
          if (word(words, key) < limit) end = push(out, end, key, key + 1, nKeys);
        }
        return end;
      };
      return { slots: (nKeys >> 1) + 1, write };
    }
    case "random_keys": {
      const { r, seed } = mask;
      if (r >= nKeys) return { slots: 1, write: (_, out) => push(out, 0, 0, nKeys, nKeys) };
      return planned(1, nKeys, r, (row) => draws(seed, row, r, nKeys));
    }
  }
}

/** Add an interval that begins no earlier than the last; return how many numbers are in use. */
function push(out: Int32Array, end: number, lo: number, hi: number, nKeys: number): number {
  const start = Math.max(lo, 0);
  const stop = Math.min(hi, nKeys);
  if (start >= stop) return end;
  if (end > 0 && out[end - 1] === start) {
    out[end - 1] = stop;
    return end;
  }
  out[end] = start;
  out[end + 1] = stop;
  return end + 2;
}

function copy(list: Int32Array, out: Int32Array): number {
  out.set(list);
  return list.length;
}

/** The keys of blocks, in any order, each once. */
function keysOf(blocks: readonly number[], size: number, nKeys: number): Int32Array {
  const out = new Int32Array(2 * blocks.length);
  let end = 0;
  for (const block of [...blocks].sort((a, b) => a - b)) {
    end = push(out, end, block * size, (block + 1) * size, nKeys);
  }
  return out.subarray(0, end);
}

/** Rows that see the blocks a plan gives their own block; one plan is made per block of rows. */
function planned(
  size: number,
  nKeys: number,
  slots: number,
  plan: (row: number) => readonly number[],
): RowWriter {
  let last = -1;
  let list = new Int32Array(0);
  const write = (here: number, out: Int32Array) => {
    const row = Math.floor(here / size);
    if (row !== last) {
      list = new Int32Array(keysOf(plan(row), size, nKeys));
      last = row;
    }
    return copy(list, out);
  };
  return { slots: Math.max(slots, 1), write };
}

function within(block: number, count: number, size: number): number {
  if (block < -count || block >= count) {
    throw new MaskError(`block ${block} is outside this text of ${count} blocks of ${size} keys`);
  }
  return block < 0 ? block + count : block;
}

function shiftedWriter(kernel: number, dilation: number, nKeys: number): RowWriter {
  const write = (here: number, out: Int32Array) => {
    const rest = here % dilation;
    const length = Math.max(Math.ceil((nKeys - rest) / dilation), 0);
    const centred = Math.floor(here / dilation) - Math.floor(kernel / 2);
    const start = Math.max(Math.min(centred, length - kernel), 0);
    const stop = Math.min(start + kernel, length);
    if (dilation === 1) return push(out, 0, start, stop, nKeys);
    let end = 0;
    for (let place = start; place < stop; place++) {
      const key = rest + place * dilation;
      end = push(out, end, key, key + 1, nKeys);
    }
    return end;
  };
  return { slots: dilation === 1 ? 1 : Math.min(kernel, Math.ceil(nKeys / dilation)), write };
}

function documentsWriter(lengths: readonly number[], nKeys: number): RowWriter {
  const total = lengths.reduce((sum, length) => sum + length, 0);
  if (total !== nKeys) {
    throw new MaskError(`the documents have ${total} tokens together, the text ${nKeys}`);
  }
  const starts = [0];
  for (const length of lengths) starts.push(starts.at(-1)! + length);
  let at = 0;
  const write = (here: number, out: Int32Array) => {
    if (here >= nKeys) return 0;
    if (here < starts[at]!) at = 0;
    while (here >= starts[at + 1]!) at++;
    return push(out, 0, starts[at]!, starts[at + 1]!, nKeys);
  };
  return { slots: 1, write };
}

function segmentsWriter({ segments, nKeys }: Frame): RowWriter {
  if (!segments?.some((segment) => segment !== null)) {
    throw new MaskError("the mask asks for segments and no token has one");
  }
  const lists = new Map<number | null, number[]>();
  segments.forEach((segment, key) => {
    const list = lists.get(segment);
    if (list === undefined) lists.set(segment, [key, key + 1]);
    else if (list.at(-1) === key) list[list.length - 1] = key + 1;
    else list.push(key, key + 1);
  });
  const write = (here: number, out: Int32Array) => {
    if (here >= nKeys) return 0;
    const list = lists.get(segments[here]!)!;
    out.set(list);
    return list.length;
  };
  return { slots: Math.max(...[...lists.values()].map((list) => list.length / 2)), write };
}
