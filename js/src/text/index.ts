import type { Lang } from "../data/types";
import { en, type Words } from "./en";
import { ja } from "./ja";

export type { Words } from "./en";

/** The language to speak: the one asked for, else the browser's. */
export function resolveLang(lang: Lang, browser: string): "en" | "ja" {
  if (lang !== "auto") return lang;
  return browser.toLowerCase().startsWith("ja") ? "ja" : "en";
}

export function words(lang: "en" | "ja"): Words {
  return lang === "ja" ? ja : en;
}
