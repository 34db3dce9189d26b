import { useEffect, useState } from "preact/hooks";

const QUERY = "(prefers-reduced-motion: reduce)";

/** Whether the reader has asked that nothing move of itself. */
export function useStill(): boolean {
  const [still, setStill] = useState(() => matchMedia(QUERY).matches);
  useEffect(() => {
    const query = matchMedia(QUERY);
    const abort = new AbortController();
    query.addEventListener("change", () => setStill(query.matches), { signal: abort.signal });
    return () => abort.abort();
  }, []);
  return still;
}
