/** A drawing that the page holds as SVG, with its styles written into it. */

import { round } from "./words";

const STYLES = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "stroke-opacity",
  "stroke-linecap",
  "stroke-linejoin",
  "opacity",
  "font-size",
  "font-weight",
  "font-family",
  "text-anchor",
  "dominant-baseline",
  "paint-order",
  "vector-effect",
  "shape-rendering",
] as const;
const DROPPED = /^(class|style|tabindex|role|id|on.*|aria-.*|data-.*)$/i;

export function inlined(svg: SVGSVGElement, box: DOMRect, from: DOMRect): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const [olds, news] = [svg, copy].map((root) => [root, ...root.querySelectorAll("*")]);
  olds!.forEach((old, i) => {
    const made = news![i]!;
    const style = getComputedStyle(old);
    for (const { name } of [...made.attributes]) if (DROPPED.test(name)) made.removeAttribute(name);
    for (const name of STYLES) {
      const value = style.getPropertyValue(name);
      if (value) made.setAttribute(name, value);
    }
    if (style.display === "none" || style.visibility === "hidden")
      made.setAttribute("display", "none");
  });
  const place = {
    x: box.left - from.left,
    y: box.top - from.top,
    width: box.width,
    height: box.height,
  };
  for (const [name, value] of Object.entries(place)) copy.setAttribute(name, String(round(value)));
  copy.setAttribute(
    "overflow",
    getComputedStyle(svg).overflow === "visible" ? "visible" : "hidden",
  );
  return new XMLSerializer().serializeToString(copy);
}
