import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";

// The test runner names a Chromium; nothing is downloaded from here.
const executablePath = process.env.ATTN_WIDGETS_CHROMIUM;

export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  test: {
    coverage: {
      provider: "v8",
      include: ["src/**"],
      reporter: ["text-summary"],
      thresholds: { lines: 85 },
    },
    projects: [
      {
        extends: true,
        test: { name: "pure", include: ["tests/pure/**/*.test.ts"], environment: "node" },
      },
      {
        extends: true,
        test: {
          name: "chromium",
          include: ["tests/views/**/*.test.tsx"],
          setupFiles: ["tests/patience.ts"],
          testTimeout: 60_000,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: {
                ...(executablePath ? { executablePath } : {}),
                args: [
                  "--no-sandbox",
                  "--disable-gpu",
                  "--disable-quic",
                  "--disable-background-networking",
                  "--disable-component-update",
                  "--disable-sync",
                ],
              },
            }),
            instances: [{ browser: "chromium" }],
          },
        },
      },
    ],
  },
});
