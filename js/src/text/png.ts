/** Notes in a PNG file. */

/** Where the first chunk of a PNG ends: the signature, then IHDR with its 13 bytes. */
const HEAD = 8 + 12 + 13;

/** Add notes (PNG specification, iTXt) to a PNG file; empty ones are left out. */
export function withNotes(
  png: Uint8Array,
  notes: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const chunks = Object.entries(notes).flatMap(([name, text]) => (text ? [chunk(name, text)] : []));
  const out = new Uint8Array(png.length + chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of [png.subarray(0, HEAD), ...chunks, png.subarray(HEAD)]) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function chunk(name: string, text: string): Uint8Array {
  // not compressed, and of no language
  const data = new TextEncoder().encode(`iTXt${name}\0\0\0\0\0${text}`);
  const out = new Uint8Array(data.length + 8);
  const view = new DataView(out.buffer);
  view.setUint32(0, data.length - 4);
  out.set(data, 4);
  view.setUint32(data.length + 4, crc(data));
  return out;
}

/** The CRC of the PNG specification (annex D). */
function crc(data: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of data) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}
