/** Any text inside an XML file. */

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

/** What no XML file may hold (XML 1.0, 2.2): halves of characters among it. */
const REFUSED = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

export function escaped(text: string): string {
  return whole(text).replace(/[&<>"]/g, (c) => ENTITIES[c]!);
}

/** Put U+FFFD for each character that a file cannot hold. */
export function whole(text: string): string {
  return text.replace(REFUSED, "\ufffd");
}
