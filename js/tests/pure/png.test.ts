import { expect, test } from "vitest";
import { withNotes } from "../../src/text/png";

const HEAD = Uint8Array.from({ length: 33 }, (_, i) => i);
const REST = Uint8Array.from([200, 201, 202]);
const png = Uint8Array.from([...HEAD, ...REST]);

test("notes stand behind the header of a PNG, each with its length and its sum", () => {
  const out = withNotes(png, { Title: "“a”", Description: "" });
  expect([...out.subarray(0, 33)]).toEqual([...HEAD]);
  expect([...out.subarray(-3)]).toEqual([...REST]);
  const chunk = out.subarray(33, -3);
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
  const text = new TextEncoder().encode("Title\0\0\0\0\0“a”");
  expect(view.getUint32(0)).toBe(text.length);
  expect(new TextDecoder().decode(chunk.subarray(4, 8))).toBe("iTXt");
  expect([...chunk.subarray(8, -4)]).toEqual([...text]);
  expect(view.getUint32(chunk.length - 4)).toBe(0x70b454bd); // zlib.crc32 in Python
});

test("without notes a PNG is as it was", () => {
  expect([...withNotes(png, { Title: "" })]).toEqual([...png]);
});
