import type { Theme } from "../draw/color";

/** Light or dark, as the page around `el` is now: its own paper does not count. */
export function themeOf(el: Element): Theme {
  const jupyter = document.body.dataset.jpThemeLight;
  if (jupyter !== undefined) return jupyter === "false" ? "dark" : "light";
  for (let node = parentOf(el); node; node = parentOf(node)) {
    const [r = 255, g = 255, b = 255, alpha = 1] = (
      getComputedStyle(node).backgroundColor.match(/[\d.]+/g) ?? []
    ).map(Number);
    if (alpha > 0.5) return 0.299 * r + 0.587 * g + 0.114 * b < 128 ? "dark" : "light";
  }
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

function parentOf(node: Element): Element | null {
  const root = node.getRootNode();
  return node.parentElement ?? (root instanceof ShadowRoot ? root.host : null);
}

/** Call back whenever the theme may have changed, until the signal aborts. */
export function watchTheme(callback: () => void, signal: AbortSignal): void {
  const observer = new MutationObserver(callback);
  const options = { attributes: true, attributeFilter: ["data-jp-theme-light", "class", "style"] };
  observer.observe(document.body, options);
  observer.observe(document.documentElement, options);
  signal.addEventListener("abort", () => observer.disconnect(), { once: true });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", callback, { signal });
}
