import type { AnyModel } from "@anywidget/types";
import { NoReply, request } from "../../data/request";
import type { ViewState } from "../state";

/** A model may take its time. */
const PATIENCE = 120;

/** Ask the model how much is handed on, not only where it looks; say whether it came. */
export async function weigh(
  state: ViewState,
  model: AnyModel,
  signal: AbortSignal,
): Promise<boolean> {
  state.problem.value = null;
  try {
    await request(model, { ask: "norms" }, signal, PATIENCE);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    const silent = error instanceof NoReply;
    state.problem.value = silent ? state.words.peek().noKernel : String((error as Error).message);
    return false;
  }
}

/** Whether what arrives is there to be drawn. */
export function weighed(state: ViewState): boolean {
  return state.second.info.value?.kind === "norms";
}
