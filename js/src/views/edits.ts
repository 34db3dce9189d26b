/** Changes a reader can make with one gesture, and how each one is said. */

import type { EditSpec, Effect, TokenInfo } from "../data/types";
import { format, type MaskSpec, type TokenRef } from "../masks";
import type { Words } from "../text";
import { visible } from "../text/tokens";

/** A head's output set to zero. */
export function ablation(layer: number, head: number): EditSpec {
  return { kind: "ablate", at: [[layer, head]] };
}

/** A head that looks at everything alike. */
export function levelling(layer: number, head: number): EditSpec {
  return { kind: "uniform", at: [[layer, head]] };
}

/** The number that is added to a token's scores in all heads; 0 where none is. */
export function biasOf(edits: readonly EditSpec[], token: TokenRef): number {
  const found = edits.find((edit) => isBias(edit, token));
  return found ? Number(found.by) : 0;
}

/** Add another number to a token's scores in all heads; 0 takes the change away. */
export function biased(edits: readonly EditSpec[], token: TokenRef, by: number) {
  const others = edits.filter((edit) => !isBias(edit, token));
  return by === 0 ? others : [...others, { kind: "bias", at: null, keys: [token], by }];
}

function isBias(edit: EditSpec, token: TokenRef): boolean {
  const { kind, at, keys } = edit as { kind: string; at?: unknown; keys?: readonly unknown[] };
  return kind === "bias" && at === null && keys?.length === 1 && keys[0] === token;
}

/** A token is looked at as before, and says nothing. */
export function muting(token: TokenRef): EditSpec {
  return { kind: "mute", at: null, keys: [token] };
}

/** Nobody may look at a token but itself: as `knock_out` in Python writes it. */
export function knockOut(token: TokenRef): EditSpec {
  return {
    kind: "or",
    of: [
      { kind: "not", of: { kind: "global_cols", tokens: [token] } },
      { kind: "local", left: 0, right: 0 },
    ],
  };
}

export function same(one: EditSpec, other: EditSpec): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Put an edit at the end of a list, unless it is there. */
export function added(edits: readonly EditSpec[], edit: EditSpec): readonly EditSpec[] {
  return edits.some((one) => same(one, edit)) ? edits : [...edits, edit];
}

type At = readonly (readonly [number, number | null])[] | null;

/** Say all that a run was made under. */
export function saidAll(effect: Effect, w: Words, keys: readonly TokenInfo[]): string {
  return effect.changes.parts.map((part) => said(part, w, keys)).join(w.andAlso);
}

/** Say an edit in words. */
export function said(edit: EditSpec, w: Words, keys: readonly TokenInfo[]): string {
  const where = ((edit.at as At | undefined) ?? [])
    .map(([layer, head]) =>
      head === null ? w.layersShown(layer, layer) : w.headReading(layer, head),
    )
    .join(", ");
  const placed = where && w.placed(where);
  const tokens = (refs: unknown) =>
    ((refs ?? []) as readonly TokenRef[]).map((ref) => tokenName(ref, w, keys)).join(", ");
  switch (edit.kind) {
    case "ablate":
      return w.editAblate(where);
    case "uniform":
      return w.editUniform(placed);
    case "mute":
      return w.editMute(tokens(edit.keys), placed);
    case "bias":
      return w.editBias(tokens(edit.keys), Number(edit.by), placed);
    case "sink_logit":
      return w.editSinkLogit(Number(edit.logit), placed);
    default:
      return maskSaid(edit, w, tokens);
  }
}

function maskSaid(edit: EditSpec, w: Words, tokens: (refs: unknown) => string): string {
  for (const inner of (Array.isArray(edit.of) ? edit.of : []) as EditSpec[]) {
    const column = inner.of as EditSpec | undefined;
    if (inner.kind !== "not" || column?.kind !== "global_cols") continue;
    const [token] = column.tokens as readonly TokenRef[];
    if (token !== undefined && same(edit, knockOut(token))) return w.editKnockOut(tokens([token]));
  }
  if (edit.kind === "per_layer" || edit.kind === "per_head") return w.editPerHead;
  return format(edit as unknown as MaskSpec);
}

export function tokenName(ref: TokenRef, w: Words, keys: readonly TokenInfo[]): string {
  if (typeof ref === "string") return w.roleName(ref);
  const token = keys.at(ref);
  return token ? `“${visible(token.text)}”` : String(ref);
}
