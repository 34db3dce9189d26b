import type { MaskSpec } from ".";

/** Whether only Python can say where the heads may look: it follows the head, or its data. */
export function needsPython(spec: MaskSpec): boolean {
  const given = spec as { kind: string; of?: unknown };
  if (PYTHON_KINDS.has(given.kind)) return true;
  const inner = Array.isArray(given.of) ? given.of : given.of ? [given.of] : [];
  return inner.some((part) => needsPython(part as MaskSpec));
}

const PYTHON_KINDS: ReadonlySet<string> = new Set([
  "per_head",
  "per_layer",
  "lsh",
  "routing",
  "top_k",
  "threshold",
  "cumulative_mass",
  "entmax_support",
  "learned",
]);
