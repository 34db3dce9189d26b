/** Handing the reader a file that was made in the browser. */

import { withNotes } from "../text/png";

/** Long enough for any browser to have begun reading it. */
const KEPT_MS = 60_000;

export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}

export function svgBlob(svg: string): Blob {
  return new Blob([svg], { type: "image/svg+xml" });
}

/**
 * Draw an SVG text, `scale` pixels to its unit; its title and description are kept in the file.
 * It may name nothing outside itself.
 */
export async function pngBlob(svg: string, scale: number): Promise<Blob> {
  const drawn = await rasterised(svg, scale);
  const root = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  const said = (name: string) => root.querySelector(`:scope > ${name}`)?.textContent ?? "";
  const notes = { Title: said("title"), Description: said("desc") };
  const noted = withNotes(new Uint8Array(await drawn.arrayBuffer()), notes);
  return new Blob([noted], { type: "image/png" });
}

async function rasterised(svg: string, scale: number): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(image.naturalWidth * scale);
  canvas.height = Math.round(image.naturalHeight * scale);
  const ctx = canvas.getContext("2d");
  if (!ctx) throw new Error("this browser gives no canvas to draw the picture on");
  ctx.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob) resolve(blob);
      else reject(new Error("the picture is too large for this browser; save it as SVG"));
    }, "image/png");
  });
}
