import type { AnyModel } from "@anywidget/types";
import { subscribe } from "./subscribe";

export interface Reply {
  readonly message: Readonly<Record<string, unknown>>;
  readonly buffers: readonly DataView[];
}

export class NoReply extends Error {}

let count = 0;

/**
 * Ask Python and wait for `result` or `error`. No kernel, or one that is busy for longer than
 * `seconds`, is a {@link NoReply}.
 */
export function request(
  model: AnyModel,
  question: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
  seconds = 10,
): Promise<Reply> {
  // Not crypto.randomUUID: browsers withhold it from notebooks served over plain http.
  const id = `${Date.now().toString(36)}-${(count++).toString(36)}-${Math.random().toString(36).slice(2)}`;
  return new Promise((resolve, reject) => {
    const done = new AbortController();
    const timer = setTimeout(() => {
      reject(new NoReply(`no reply within ${seconds} s`));
      done.abort();
    }, seconds * 1000);
    done.signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
    const until = AbortSignal.any([signal, done.signal]);
    signal.addEventListener(
      "abort",
      () => {
        reject(signal.reason);
        done.abort();
      },
      { once: true, signal: done.signal },
    );
    subscribe(
      model,
      "msg:custom",
      (message: Record<string, unknown>, buffers: DataView[] = []) => {
        if (message?.id !== id) return;
        if (message.absent === true) reject(new NoReply("there is no kernel behind this page"));
        else if (typeof message.error === "string") reject(new Error(message.error));
        else resolve({ message, buffers });
        done.abort();
      },
      until,
    );
    // A kernel that ends or is started anew answers nothing any more.
    subscribe(
      model,
      "comm_live_update",
      () => {
        reject(new NoReply("the kernel has gone"));
        done.abort();
      },
      until,
    );
    try {
      model.send({ id, ...question });
    } catch (error) {
      // JupyterLab throws where the kernel is gone: no reply will come.
      reject(new NoReply(String((error as Error).message)));
      done.abort();
    }
  });
}
