import { useComputed } from "@preact/signals";
import { keyTokens } from "../../data/decode";
import { css, roleKey, SAME } from "../../draw/color";
import { inkOn } from "../../draw/flow";
import { patchesOf } from "../../draw/patches";
import { signed, weight } from "../../text/numbers";
import { Choices } from "../Choices";
import type { FocusProps } from "../Focus";
import { Which } from "../Which";
import { Flow, type Shade } from "./Flow";
import { Patches } from "./Patches";
import { Says } from "./Says";
import { useTargets } from "./targets";
import { colors, toner } from "./tone";

/** The text itself: pick a token, and the others are shaded by how much it looks at them. */
export function Text(props: FocusProps) {
  const { state } = props;
  const t = state.store.traits;
  const words = state.words.value;
  const w = words.lines;
  const info = state.info.value;
  const looks = t.looks.value;
  const by = looks === "by";
  const at = by ? t.key.value : t.query.value;
  const targets = useTargets(state, props, looks, at, true);
  const tone = useComputed(() => toner(state)).value;
  const table = useComputed(() => colors(state)).value;
  const { values, exact, hidden } = targets;
  const changed = state.second.shown.value === "difference";
  const shade = (other: number): Shade => {
    const value = values![other]!;
    const level = tone(value, by ? other : at!);
    const color = table[level]!;
    const number = changed ? signed(value) : weight(value);
    const said = exact ? number : words.about(number);
    const plain = color === table[changed ? SAME : 0];
    return { paper: plain ? null : css(color), ink: plain ? null : inkOn(color), said };
  };
  const shades = values && shade;
  const choose = (position: number | null, ofKeys: boolean) =>
    state.store.choose(ofKeys ? { key: position } : { query: position });
  const apart = info.keyTokens !== null;
  const patches = patchesOf(info, by);
  const boxed = [...info.tokens, ...keyTokens(info)].some(({ role }) => roleKey(role) !== null);
  const pick = !patches ? w.pick : patches.first > 0 ? words.patches.pickToo : words.patches.pick;
  const flow = (ofKeys: boolean) => {
    const own = ofKeys === by;
    const tokens = ofKeys ? keyTokens(info) : info.tokens;
    const patches = patchesOf(info, ofKeys);
    const both = {
      state,
      picked: ofKeys ? t.key.value : t.query.value,
      shade: apart && own ? null : shades,
      hidden: apart && own ? null : hidden,
      onPick: (position: number | null) => choose(position, ofKeys),
    };
    const name = apart ? (ofKeys ? w.textLooked : w.textLooking) : w.text;
    return (
      <>
        {patches?.first !== 0 && (
          <Flow
            {...both}
            tokens={patches ? tokens.slice(0, patches.first) : tokens}
            name={patches ? words.patches.before : name}
          />
        )}
        {patches && <Patches {...both} patches={patches} width={props.width} />}
      </>
    );
  };
  const turn = (next: typeof looks) => {
    // one text: what is picked stays picked, and only the way to look turns
    if (!apart && at !== null)
      state.store.choose({ looks: next, ...(next === "by" ? { key: at } : { query: at }) });
    else state.store.choose({ looks: next });
  };
  return (
    <>
      <Which state={state} />
      <Choices name={w.looksName} options={w.looksWays} value={looks} onChoose={turn} />
      {apart && <h4 class="attnw-quiet">{by ? w.textLooked : w.textLooking}</h4>}
      {flow(by)}
      {apart && <h4 class="attnw-quiet">{by ? w.textLooking : w.textLooked}</h4>}
      {apart && flow(!by)}
      <div class={at === null ? "" : "attnw-reading attnw-says"} aria-live="polite">
        {at === null ? (
          <p class="attnw-quiet">{pick[looks]}</p>
        ) : (
          <Says state={state} looks={looks} at={at} targets={targets} />
        )}
      </div>
      <ul class="attnw-keys attnw-notes">
        {[
          ...(patches ? [] : [w.shaded]),
          ...(boxed ? [w.boxed] : []),
          ...(hidden?.includes(1) ? [w.struck] : []),
        ].map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
      {at !== null && values && (
        <p class="attnw-quiet attnw-small">
          {exact ? words.exact : props.rows.silent.value ? words.approximate : words.waiting}
        </p>
      )}
    </>
  );
}
