/** Milliseconds of work in one go, and between two looks at what has come of it. */
const AT_ONCE = 8;
const SLICE = 12;
const SHOWN = 150;

/**
 * Do work a little at a time: short work at once, long work in slices between which the page
 * answers. `more` does a bit and says whether that was all; `show` is told of it now and then, and
 * at the end. Returns what stops it.
 */
export function inSlices(more: () => boolean, show: (done: boolean) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let shown = Number.NEGATIVE_INFINITY;
  const work = (most: number) => {
    const start = performance.now();
    let done = more();
    while (!done && performance.now() - start < most) done = more();
    if (!done) timer = setTimeout(work, 0, SLICE);
    if (done || performance.now() - shown > SHOWN) {
      shown = performance.now();
      show(done);
    }
  };
  work(AT_ONCE);
  return () => clearTimeout(timer);
}
