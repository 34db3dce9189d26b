/** What Python tells when it is asked, and keeps in traits; empty before it is. */

/** How the score of one pair comes about. */
export interface Score {
  /** Layer, head, query, key; null where Python chose. */
  readonly asked: readonly [number, number, number | null, number | null];
  readonly layer: number;
  readonly head: number;
  readonly query: number;
  readonly key: number;
  readonly scaling: number;
  readonly softcap: number | null;
  readonly sink: boolean;
  /** Whether the model ran under a change. */
  readonly changed: boolean;
  /** float32, one per dimension. */
  readonly q: DataView;
  readonly k: DataView;
  /** float32, one per key of the row. */
  readonly dots: DataView;
  readonly bias: DataView | null;
  readonly weights: DataView;
}

/** The record holds no queries and keys; the line of Python that gives one which does, or "". */
export interface NoScore {
  readonly asked: Score["asked"];
  readonly absent: string;
}

export type NumbersByLayer = readonly (readonly (number | null)[])[];

/** Numbers over depth. */
export interface Depth {
  /** By name, per layer and head; null where it is not defined. */
  readonly heads: Readonly<Record<string, NumbersByLayer>>;
  readonly even: Readonly<Record<string, number>>;
  /** By name, per layer, of norms. */
  readonly layers: Readonly<Record<string, readonly (number | null)[]>>;
}

/** What one token is made up of after its layer and before each layer below, from it down. */
export interface Rollout {
  /** Layer, query; null where Python chose. */
  readonly asked: readonly [number, number | null];
  readonly layer: number;
  readonly query: number;
  /** float32, steps × keys. */
  readonly raw: DataView;
  readonly norms: DataView | null;
}

/** Layers cannot be followed: of two texts, with layers missing, or of a part of a text. */
export interface NoRollout {
  readonly asked: Rollout["asked"];
  readonly absent: "cross" | "gap" | "part";
}

type Untold = Record<string, never>;

/** What there is of it, if it has come. */
export function scoreOf(told: Score | NoScore | Untold): Score | null {
  return "q" in told ? (told as Score) : null;
}

export function depthOf(told: Depth | Untold): Depth | null {
  return "heads" in told ? (told as Depth) : null;
}

export function rolloutOf(told: Rollout | NoRollout | Untold): Rollout | null {
  return "raw" in told ? (told as Rollout) : null;
}

/** Why there is none; null where there is, or nobody has asked. */
export function absenceOf<Why>(told: { readonly absent: Why } | object): Why | null {
  return "absent" in told ? told.absent : null;
}
