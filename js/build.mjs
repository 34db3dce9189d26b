import { build } from "esbuild";

const common = {
  outdir: "../attn_widgets/static",
  bundle: true,
  target: "es2022",
  minify: true,
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
};

/** The notices that the licences of the packages in a bundle ask for. */
const notice = (packages) => ({ js: `/*! Contains ${packages}. */` });

// A classic script: the scripts after it on a page find what it defines.
await build({
  ...common,
  entryPoints: { bertviz: "src/bertviz.ts" },
  format: "iife",
  banner: notice(
    "jQuery (MIT, OpenJS Foundation and contributors) and parts of D3 (BSD-3-Clause, Mike Bostock)",
  ),
});

await build({
  ...common,
  entryPoints: {
    explorer: "src/explorer.tsx",
    lab: "src/lab.tsx",
    special: "src/special.tsx",
    widget: "src/widget.css",
    page: "src/page.ts",
  },
  format: "esm",
  banner: notice("Preact and Preact Signals (MIT, Jason Miller and the Preact team)"),
  jsx: "automatic",
  jsxImportSource: "preact",
});
