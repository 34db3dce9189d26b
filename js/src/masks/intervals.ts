/** Algebra on lists of half-open key intervals: `[lo, hi, lo, hi, ...]`, sorted and disjoint. */

/** Write the union of two lists to `out`; return how many numbers were written. */
export function union(
  a: Int32Array,
  aEnd: number,
  b: Int32Array,
  bEnd: number,
  out: Int32Array,
): number {
  let i = 0;
  let j = 0;
  let end = 0;
  while (i < aEnd || j < bEnd) {
    const fromA = j >= bEnd || (i < aEnd && a[i]! <= b[j]!);
    const lo = fromA ? a[i]! : b[j]!;
    const hi = fromA ? a[i + 1]! : b[j + 1]!;
    if (fromA) i += 2;
    else j += 2;
    if (end > 0 && lo <= out[end - 1]!) {
      if (hi > out[end - 1]!) out[end - 1] = hi;
    } else {
      out[end] = lo;
      out[end + 1] = hi;
      end += 2;
    }
  }
  return end;
}

/** Write the intersection of two lists to `out`; return how many numbers were written. */
export function intersection(
  a: Int32Array,
  aEnd: number,
  b: Int32Array,
  bEnd: number,
  out: Int32Array,
): number {
  let i = 0;
  let j = 0;
  let end = 0;
  while (i < aEnd && j < bEnd) {
    const lo = Math.max(a[i]!, b[j]!);
    const hi = Math.min(a[i + 1]!, b[j + 1]!);
    if (lo < hi) {
      out[end] = lo;
      out[end + 1] = hi;
      end += 2;
    }
    if (a[i + 1]! < b[j + 1]!) i += 2;
    else j += 2;
  }
  return end;
}

/** Write the keys of `0..nKeys` that a list leaves out; return how many numbers were written. */
export function complement(
  list: Int32Array,
  listEnd: number,
  nKeys: number,
  out: Int32Array,
): number {
  let end = 0;
  let from = 0;
  for (let i = 0; i <= listEnd; i += 2) {
    const to = i < listEnd ? list[i]! : nKeys;
    if (from < to) {
      out[end] = from;
      out[end + 1] = to;
      end += 2;
    }
    if (i < listEnd) from = list[i + 1]!;
  }
  return end;
}

/** Group sorted indices into runs of neighbours. */
export function runs(indices: readonly number[]): Int32Array {
  const bounds: number[] = [];
  for (const index of indices) {
    if (bounds.at(-1) === index) bounds[bounds.length - 1] = index + 1;
    else bounds.push(index, index + 1);
  }
  return Int32Array.from(bounds);
}
