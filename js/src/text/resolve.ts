import type { Lang } from "../data/types";

/** The language to speak: the one asked for, else the browser's. */
export function resolveLang(lang: Lang, browser: string): "en" | "ja" {
  if (lang !== "auto") return lang;
  return browser.toLowerCase().startsWith("ja") ? "ja" : "en";
}
