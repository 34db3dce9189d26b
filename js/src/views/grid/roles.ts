import type { ViewState } from "../state";

/** The roles that a tokenizer gives; what else a text has may be counted with them. */
const SPECIAL = ["cls", "sep", "bos", "eos", "pad", "mask", "special"];

/** The special roles that the text has, but for padding, at which nothing looks. */
export function everyRole(state: ViewState): string[] {
  const has = Object.keys(state.info.value.special.groups);
  return has.filter((group) => SPECIAL.includes(group) && group !== "pad");
}

/** The one role that counts as special, or null where there are several. */
export function chosenOn(state: ViewState): string | null {
  const roles = state.roles.value.filter((role) => role !== "pad");
  return roles.length === 1 ? roles[0]! : null;
}

/** Count one role alone, or all of them: the choice of the panel of special tokens. */
export function chooseOn(role: string | undefined): { special_roles: readonly string[] } {
  return { special_roles: role ? [role] : SPECIAL };
}

/** The tokens that count, in words. */
export function what(state: ViewState): string {
  const w = state.words.value;
  const roles = state.roles.value.filter((role) => role !== "pad");
  const every = everyRole(state);
  return roles.join() === every.join() && every.length > 1
    ? w.grid.everyRole
    : roles.map(w.roleName).join(", ");
}
