/** Levels as the pictures hold them: 0–255 code the square root of a weight. */

/** The weight a level stands for. */
export function weightOf(level: number): number {
  return (level / 255) ** 2;
}

/** {@link weightOf} all 256 levels, at full precision. */
export const SQUARES = Float64Array.from({ length: 256 }, (_, level) => weightOf(level));

/** The lowest level that a threshold on weights still draws. */
export function firstLevel(threshold: number): number {
  return threshold <= 0 ? 0 : Math.ceil(Math.sqrt(threshold) * 255 - 1e-6);
}

/** The level that codes a weight. */
export function levelOf(weight: number): number {
  return Math.floor(255 * Math.sqrt(Math.min(1, Math.max(0, weight))) + 0.5);
}

/** The weight that a level stands for, or the difference of two where `zero` is that of none. */
export function readLevel(level: number, zero?: number): number {
  if (zero === undefined) return SQUARES[level]!;
  return Math.sign(level - zero) * ((level - zero) / (255 - zero)) ** 2;
}
