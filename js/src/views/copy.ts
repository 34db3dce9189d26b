/** A table as text that spreadsheets take: a tab between fields, quotes where one holds a tab. */
export function tabbed(rows: readonly (readonly (string | number)[])[]): string {
  const field = (value: string | number) => {
    const text = String(value);
    return /[\t\n\r"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return rows.map((row) => row.map(field).join("\t")).join("\n");
}

/** Put a text on the clipboard; an error says that the page may not. */
export async function copy(text: string, near: HTMLElement): Promise<void> {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  // Pages that are not served securely have no clipboard but that of the old editing commands.
  const field = document.createElement("textarea");
  field.value = text;
  near.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  near.focus();
  if (!done) throw new Error("the browser refused");
}
