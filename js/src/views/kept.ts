/** What the Tab key comes to. */
const STOPS =
  "button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), " +
  "summary, [tabindex='0']";

/** Hand the focus on to what stands nearest when the element that has it is taken away. */
export function keepFocus(el: HTMLElement, signal: AbortSignal): void {
  let last: Element | null = null;
  el.addEventListener(
    "focusin",
    ({ target }) => {
      last = target as Element;
    },
    { signal },
  );
  el.addEventListener(
    "focusout",
    () => {
      // an element that is being taken away is still there when it says so
      queueMicrotask(() => {
        if (last?.isConnected && !el.contains(focused(el))) last = null;
      });
    },
    { signal },
  );
  const watch = new MutationObserver((records) => {
    const gone = last;
    if (!gone || el.contains(gone)) return;
    last = null;
    const now = focused(el);
    if (now && now !== document.body) return;
    const record = records.find(
      ({ target, removedNodes }) =>
        el.contains(target) && [...removedNodes].some((node) => node.contains(gone)),
    );
    if (record) near(el, record.target as Element, record.nextSibling)?.focus();
  });
  watch.observe(el, { childList: true, subtree: true });
  signal.addEventListener("abort", () => watch.disconnect(), { once: true });
}

function focused(el: HTMLElement): Element | null {
  return (el.getRootNode() as Document | ShadowRoot).activeElement;
}

/** The stop after a place, or else before it, as close by as there is one. */
function near(el: HTMLElement, place: Element, next: Node | null): HTMLElement | undefined {
  let from: Node | null = next?.isConnected ? next : null;
  for (let box: Element | null = place; box && el.contains(box); box = box.parentElement) {
    const stops = [...box.querySelectorAll<HTMLElement>(STOPS)].filter((one) =>
      one.checkVisibility(),
    );
    const start = from;
    const after = start && stops.find((one) => start.contains(one) || follows(start, one));
    const found = after || stops.at(-1);
    if (found) return found;
    from ??= box;
  }
  return undefined;
}

function follows(place: Node, one: Node): boolean {
  return (place.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
}
