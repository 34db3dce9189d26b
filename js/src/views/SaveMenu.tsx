import type { AnyModel } from "@anywidget/types";
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { NoReply, request } from "../data/request";
import { pngBlob, saveBlob, svgBlob } from "./save";
import type { ViewState } from "./state";
import { stillOf } from "./still/explorer";

/** Writing a page takes Python a while, all the more if it is at work. */
const SECONDS = 120;
/** Pixels of a PNG to a pixel on the screen. */
const SCALE = 2;

type Kind = "png" | "svg" | "page";

/** Save what is shown as a picture, made here; or as a page, which Python writes. */
export function SaveMenu(props: {
  readonly state: ViewState;
  readonly model: AnyModel;
  readonly signal: AbortSignal;
}) {
  const { state, model, signal } = props;
  const w = state.words.value.save;
  const menu = useRef<HTMLDetailsElement>(null);
  const busy = useSignal(false);
  const save: Record<Kind, (root: Element) => Promise<Blob> | Blob> = {
    png: (root) => pngBlob(stillOf(state, root, "pixels"), SCALE),
    svg: (root) => svgBlob(stillOf(state, root, "full")),
    page: () => page(model, signal),
  };
  const kinds: Kind[] = state.store.traits._can_save.value
    ? ["png", "svg", "page"]
    : ["png", "svg"];
  const choose = async (kind: Kind) => {
    const root = menu.current?.closest(".attnw-app");
    if (!root) return;
    busy.value = true;
    close();
    try {
      saveBlob(await save[kind](root), `attention.${kind === "page" ? "html" : kind}`);
    } catch (error) {
      if (signal.aborted) return;
      const silent = error instanceof NoReply;
      state.problem.value = silent ? w.silent : w.failed(String((error as Error).message));
    } finally {
      busy.value = false;
    }
  };
  const close = () => {
    if (!menu.current?.open) return;
    menu.current.open = false;
    menu.current.querySelector("summary")?.focus();
  };
  return (
    <details
      ref={menu}
      class="attnw-save"
      onFocusOut={({ currentTarget, relatedTarget }) => {
        const inside = relatedTarget instanceof Node && currentTarget.contains(relatedTarget);
        if (!inside) currentTarget.open = false;
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        close();
      }}
    >
      <summary data-testid="attnw-save" aria-busy={busy.value}>
        {busy.value ? w.working : w.menu}
      </summary>
      {/* Safari focuses no button that is pressed: the list keeps what it is pressed in. */}
      <div class="attnw-save-list" tabIndex={-1}>
        {kinds.map((kind) => (
          <button
            key={kind}
            type="button"
            data-testid={`attnw-save-${kind}`}
            disabled={busy.value}
            onClick={() => choose(kind)}
          >
            {w[kind]}
            <span class="attnw-quiet attnw-small">{w.says[kind]}</span>
          </button>
        ))}
      </div>
    </details>
  );
}

/** Have the page written that lives without a kernel. */
async function page(model: AnyModel, signal: AbortSignal): Promise<Blob> {
  const { buffers } = await request(model, { ask: "page" }, signal, SECONDS);
  const { buffer, byteOffset, byteLength } = buffers[0]!;
  const copy = new Uint8Array(buffer, byteOffset, byteLength).slice();
  return new Blob([copy], { type: "text/html" });
}
