/** The masks that a few sliders can make: a window, its step, global tokens, looking back only. */

import { combine, identity, type MaskSpec, type TokenRef, validate } from ".";

export interface Parts {
  /** Keys on each side; null for no window. */
  readonly window: number | null;
  /** Distance between two keys of the window. */
  readonly dilation: number;
  readonly globals: readonly TokenRef[];
  readonly causal: boolean;
}

export const NO_PARTS: Parts = { window: null, dilation: 1, globals: [], causal: false };

/** Build the mask; null if the parts say nothing. */
export function build(parts: Parts): MaskSpec | null {
  const { window, dilation, globals, causal } = parts;
  const any: MaskSpec[] = [];
  if (window !== null)
    any.push(
      dilation > 1
        ? { kind: "dilated", window, dilation }
        : { kind: "local", left: window, right: window },
    );
  if (globals.length > 0) any.push({ kind: "global", tokens: globals });
  if (any.length === 0) return causal ? { kind: "causal" } : null;
  const union = combine("or", any);
  return validate(causal ? combine("and", [union, { kind: "causal" }]) : union);
}

/** The parts of a mask; null if it is not one that {@link build} makes. */
export function partsOf(mask: MaskSpec): Parts | null {
  const parts = take(mask);
  const again = parts && build(parts);
  return again && identity(again) === identity(mask) ? parts : null;
}

function take(mask: MaskSpec): Parts | null {
  if (mask.kind === "causal") return { ...NO_PARTS, causal: true };
  if (mask.kind === "and") {
    const rest = mask.of.filter((part) => part.kind !== "causal");
    const inner = rest.length === 1 && rest.length < mask.of.length ? take(rest[0]!) : null;
    return inner && { ...inner, causal: true };
  }
  let parts = NO_PARTS;
  for (const part of mask.kind === "or" ? mask.of : [mask]) {
    if (part.kind === "local" && part.left === part.right && parts.window === null)
      parts = { ...parts, window: part.left };
    else if (part.kind === "dilated" && parts.window === null)
      parts = { ...parts, window: part.window, dilation: part.dilation };
    else if (part.kind === "global" && parts.globals.length === 0)
      parts = { ...parts, globals: part.tokens };
    else return null;
  }
  return parts;
}
