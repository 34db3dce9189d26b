/** What BertViz's scripts ask of a page, from a package: jQuery, and the parts of D3 they use. */

import { min } from "d3-array";
import { hsl } from "d3-color";
import { scaleOrdinal } from "d3-scale";
import { schemeCategory10 } from "d3-scale-chromatic";
import * as selection from "d3-selection";
import { line } from "d3-shape";
import jquery from "jquery";

const d3 = Object.defineProperty(
  { version: "5", ...selection, hsl, line, min, scaleOrdinal, schemeCategory10 },
  "event",
  { get: () => selection.event }, // rebound by D3 while a listener runs
);

type Use = (...modules: unknown[]) => void;

const known: Readonly<Record<string, unknown>> = { d3, jquery };

/** As much of RequireJS as they call. */
function require(names: readonly string[], use: Use): void {
  use(...names.map((name) => known[name]));
}
require.config = () => {};

Object.assign(globalThis, { require, requirejs: require });
