import { en, type Words } from "./en";
import { ja } from "./ja";

export type { Words } from "./en";
export { resolveLang } from "./resolve";

export function words(lang: "en" | "ja"): Words {
  return lang === "ja" ? ja : en;
}
