/** Room for the marks of special tokens beside a picture. */
export const BAND = 4;

/** A strip's pixels `[start, end)` of item `i` among `n` over `length` pixels, at least one wide. */
export function span(i: number, n: number, length: number): [number, number] {
  const start = Math.floor((i * length) / n);
  return [start, Math.max(start + 1, Math.floor(((i + 1) * length) / n))];
}
