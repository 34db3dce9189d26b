import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { ViewState } from "../state";
import { stepLayer } from "./keys";

/** Milliseconds that a layer is shown while playing. */
const PACE = 1000;

const UNDO = "M6 3 2.5 6.5 6 10M3 6.5h6a4 4 0 0 1 0 8H6";
const REDO = "M10 3l3.5 3.5L10 10M13 6.5H7a4 4 0 0 0 0 8h3";
const RESET = "M3 8a5 5 0 1 0 1.6-3.7M3 2.5v3h3";
const FIND = "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M10.3 10.3 14 14";
const PLAY = "M5 3.2v9.6L12.5 8Z";
const PAUSE = "M5.5 3.5v9M10.5 3.5v9";
const LARGER = "M1.5 12.5 5 4l3.5 8.5M2.7 9.7h4.6M9.5 12.5 12 7l2.5 5.500M10.400 10.600h3.200";

function Tool(props: {
  readonly name: string;
  readonly disabled?: boolean;
  readonly pressed?: boolean;
  readonly onClick: () => void;
  readonly children: ComponentChildren;
}) {
  return (
    <button
      type="button"
      aria-label={props.name}
      title={props.name}
      aria-disabled={props.disabled}
      aria-pressed={props.pressed}
      onClick={props.disabled ? undefined : props.onClick}
    >
      {props.children}
    </button>
  );
}

function Icon({ path }: { path: string }) {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}

/** Whether a reader has asked for less motion: then layers are stepped, not played. */
const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

function Play({ state }: { state: ViewState }) {
  const w = state.words.value.habits;
  const playing = state.playing.value && state.onScreen.value;
  useEffect(() => {
    if (!playing) return;
    const timer = setInterval(() => {
      if (!stepLayer(state, 1)) state.playing.value = false;
    }, PACE);
    return () => clearInterval(timer);
  }, [playing, state]);
  const toggle = () => {
    const again = () => state.store.choose({ layer: state.layers.peek()[0]! });
    if (still()) {
      if (!stepLayer(state, 1)) again();
      return;
    }
    if (!state.playing.peek() && state.store.traits.layer.peek() === state.layers.peek().at(-1))
      again();
    state.playing.value = !state.playing.peek();
  };
  const name = state.playing.value ? w.pause : still() ? w.nextLayer : w.play;
  return (
    <Tool name={name} disabled={state.layers.value.length < 2} onClick={toggle}>
      <Icon path={state.playing.value ? PAUSE : PLAY} />
    </Tool>
  );
}

/** One quiet line of what is there for any picture. */
export function Tools({ state }: { state: ViewState }) {
  const w = state.words.value.habits;
  const { history, store } = state;
  const { back, forth } = history.lengths.value;
  const large = store.traits.density.value === "projector";
  return (
    <div role="toolbar" class="attnw-tools" aria-label={w.tools}>
      <Tool name={w.undo} disabled={back === 0} onClick={() => history.undo()}>
        <Icon path={UNDO} />
      </Tool>
      <Tool name={w.redo} disabled={forth === 0} onClick={() => history.redo()}>
        <Icon path={REDO} />
      </Tool>
      <Tool name={w.reset} onClick={() => history.reset()}>
        <Icon path={RESET} />
      </Tool>
      <Play state={state} />
      <Tool
        name={w.find}
        pressed={state.finding.value}
        onClick={() => {
          state.finding.value = !state.finding.peek();
        }}
      >
        <Icon path={FIND} />
      </Tool>
      <Tool
        name={w.larger}
        pressed={large}
        onClick={() => store.choose({ density: large ? "notebook" : "projector" })}
      >
        <Icon path={LARGER} />
      </Tool>
      <Tool
        name={w.help}
        onClick={() => {
          state.helping.value = true;
        }}
      >
        <b aria-hidden="true">?</b>
      </Tool>
    </div>
  );
}
