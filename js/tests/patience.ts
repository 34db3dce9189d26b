import { vi } from "vitest";

/** A busy machine may take seconds to draw what is drawn in a moment elsewhere. */
const MILLISECONDS = 20_000;

const { waitFor } = vi;
vi.waitFor = (check, options) => waitFor(check, options ?? { timeout: MILLISECONDS });
