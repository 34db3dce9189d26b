import { useEffect, useState } from "preact/hooks";
import { inSlices } from "./slices";

const QUIET_MS = 60;

/** Work on show: of old inputs until that of the new ones has begun. */
export interface Sliced<Result> {
  readonly result: Result;
  readonly fresh: boolean;
}

/** What comes of work done a little at a time, once its inputs have stood still. */
export function useSlices<Result>(
  start: () => { readonly more: () => boolean; readonly result: (done: boolean) => Result },
  inputs: readonly unknown[],
): Sliced<Result> | null {
  const [found, setFound] = useState<{ inputs: readonly unknown[]; result: Result } | null>(null);
  useEffect(() => {
    let stop = () => {};
    const timer = setTimeout(() => {
      const { more, result } = start();
      stop = inSlices(more, (done) => setFound({ inputs, result: result(done) }));
    }, QUIET_MS);
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, inputs as unknown[]);
  return (
    found && {
      result: found.result,
      fresh: found.inputs.every((one, i) => one === inputs[i]),
    }
  );
}
