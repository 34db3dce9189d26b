/** The mask specification, evaluated exactly as Python evaluates it. */

export { BoundMask, bind, type Rows } from "./bound";
export { type Attention, OutsideShare } from "./outside";
export {
  combine,
  identity,
  MaskError,
  type MaskSpec,
  negate,
  type TokenRef,
  validate,
} from "./spec";
export { format, MaskParseError, parse } from "./text";
