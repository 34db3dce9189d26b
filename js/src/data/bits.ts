/** Take `count` bits apart, the first in the lowest place of the byte at `start`. */
export function unpackBits(view: DataView, start: number, count: number): Uint8Array {
  const out = new Uint8Array(count);
  for (let i = 0; i < count; i++) out[i] = (view.getUint8(start + (i >> 3)) >> (i & 7)) & 1;
  return out;
}
