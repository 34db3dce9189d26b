import { useMemo } from "preact/hooks";
import { format, MaskError } from "../../masks";
import {
  type AssignmentSpec,
  firstOf,
  type Share,
  type Some,
  sharesOf,
  within,
} from "../../masks/assignment";
import { needsPython } from "../../masks/needs";
import { covered } from "../../masks/rows";
import type { LabWords } from "../../text/lab.en";
import { clipped, percent } from "../../text/numbers";
import type { LabState } from "./state";

/** Which heads get which mask: one of them is chosen to be shown; what they cost together. */
export function Assigned({ state, given }: { state: LabState; given: AssignmentSpec }) {
  const w = state.words.value;
  const { store } = state;
  const { layer, head, n, _layers, _heads, _kept } = store.traits;
  const shares = useMemo(
    () =>
      sharesOf(given).flatMap((share) => {
        const at = [firstOf(share.layers, _layers.value), firstOf(share.heads, _heads.value)];
        return at.includes(null) ? [] : [{ ...share, at: at as [number, number] }];
      }),
    [given, _layers.value, _heads.value],
  );
  const pairs = useMemo(
    () => shares.map((share) => counted(state, share)),
    [shares, n.value, state.roles.value],
  );
  const all = n.value * n.value;
  const heads = _layers.value.length * _heads.value.length;
  const number = (value: number) => value.toLocaleString(state.lang.value);
  const sum = _kept.value.text === state.text.value ? _kept.value.pairs : undefined;
  return (
    <section class="attnw-panel" aria-label={w.assigned}>
      <h3>{w.assigned}</h3>
      <p class="attnw-quiet attnw-small">{w.assignedNote}</p>
      <div class="attnw-shares" data-testid="attnw-assigned">
        {shares.map((share, i) => (
          <button
            key={named(share, w)}
            type="button"
            aria-pressed={within(share.layers, layer.value) && within(share.heads, head.value)}
            onClick={() => store.choose({ layer: share.at[0], head: share.at[1] })}
          >
            <span>{named(share, w)}</span>
            <code>{clipped(format(share.mask), 60)}</code>
            <span class="attnw-quiet">
              {typeof pairs[i] === "number"
                ? w.share(number(pairs[i]), percent(pairs[i] / all))
                : w[pairs[i] === "data" ? "assignedData" : "assignedMisfit"]}
            </span>
          </button>
        ))}
      </div>
      {heads === 0 && <p class="attnw-quiet attnw-small">{w.assignedUnknown}</p>}
      {heads > 0 && sum !== undefined && (
        <p data-testid="attnw-assigned-sum">
          {w.assignedSum(number(sum), number(heads * all), percent(sum / (heads * all)))}
        </p>
      )}
    </section>
  );
}

/** The pairs one head's mask keeps; or why they are not known here. */
function counted(state: LabState, { mask }: Share): number | "data" | "misfit" {
  if (needsPython(mask)) return "data";
  try {
    let pairs = 0;
    state.lay(mask)?.forEachRow((_, list, end) => {
      pairs += covered(list, end);
    });
    return pairs;
  } catch (error) {
    if (error instanceof MaskError) return "misfit";
    throw error;
  }
}

function named({ layers, heads }: Share, w: LabWords): string {
  const parts = [some("layer", layers, w), some("head", heads, w)].filter((part) => part !== "");
  return parts.join(" · ") || w.everyHead;
}

function some(axis: "layer" | "head", which: Some, w: LabWords): string {
  if ("at" in which) return w.axisSome[axis](which.at.join(", "));
  return which.not.length > 0 ? w.axisRest[axis] : "";
}
