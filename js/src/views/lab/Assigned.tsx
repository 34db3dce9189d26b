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
import { Counting } from "../../masks/counting";
import { needsPython } from "../../masks/needs";
import type { LabWords } from "../../text/lab.en";
import { clipped, percent } from "../../text/numbers";
import type { LabState } from "./state";
import { useSlices } from "./useSlices";

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
  const counted = useSlices(() => countingAll(state, shares), [shares, n.value, state.roles.value]);
  const pairs = counted?.fresh ? counted.result : [];
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
                : pairs[i] === "data"
                  ? w.assignedData
                  : pairs[i] === "misfit"
                    ? w.assignedMisfit
                    : "…"}
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

/** The pairs each mask keeps in one head; or why they are not known here. */
function countingAll(state: LabState, shares: readonly Share[]) {
  const pairs: (number | "data" | "misfit")[] = [];
  let counting: Counting | null = null;
  const more = () => {
    const mask = shares[pairs.length]?.mask;
    if (!mask) return true;
    if (needsPython(mask)) pairs.push("data");
    else
      try {
        const laid = counting ? null : state.lay(mask);
        if (laid) counting = new Counting(laid);
        if (counting?.more()) {
          pairs.push(counting.counts().nnz);
          counting = null;
        }
      } catch (error) {
        if (!(error instanceof MaskError)) throw error;
        pairs.push("misfit");
      }
    return pairs.length === shares.length;
  };
  return { more, result: () => pairs.slice() };
}

function named({ layers, heads }: Share, w: LabWords): string {
  const parts = [some("layer", layers, w), some("head", heads, w)].filter((part) => part !== "");
  return parts.join(" · ") || w.everyHead;
}

function some(axis: "layer" | "head", which: Some, w: LabWords): string {
  if ("at" in which) return w.axisSome[axis](which.at.join(", "));
  return which.not.length > 0 ? w.axisRest[axis] : "";
}
