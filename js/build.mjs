import { build } from "esbuild";

await build({
  entryPoints: {
    explorer: "src/explorer.tsx",
    lab: "src/lab.tsx",
    special: "src/special.tsx",
    widget: "src/widget.css",
    page: "src/page.ts",
  },
  outdir: "../attn_widgets/static",
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  charset: "utf8",
  legalComments: "none",
  jsx: "automatic",
  jsxImportSource: "preact",
  logLevel: "warning",
});
