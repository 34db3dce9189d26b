import { useState } from "preact/hooks";

/** Several widgets on a page, each with its own copy of this module, count for themselves. */
const COPY = Math.random().toString(36).slice(2, 8);
let given = 0;

/** An id that nothing else on the page has: Preact's own start anew in every widget. */
export function useOwnId(): string {
  const [id] = useState(() => `attnw-${COPY}-${++given}`);
  return id;
}
