import { useState } from "preact/hooks";

/** A whole number to type; taken on leaving the field or on Enter. Others are refused and said. */
export function NumberInput(props: {
  readonly value: number | null;
  readonly least: number;
  readonly most: number;
  /** Say what is wrong with what was typed. */
  readonly range: (least: number, most: number) => string;
  /** Null only where an empty field means something. */
  readonly onCommit: (value: number | null) => void;
  readonly empty?: boolean;
  readonly id: string;
  readonly label: string;
  readonly testid: string;
  readonly disabled?: boolean;
  /** Room for seven digits. */
  readonly long?: boolean;
}) {
  const { value, least, most, onCommit } = props;
  const [wrong, setWrong] = useState(false);
  const commit = (input: HTMLInputElement) => {
    const number = input.valueAsNumber;
    const taken = Number.isInteger(number) && number >= least && number <= most ? number : null;
    const cleared = props.empty === true && input.value === "" && !input.validity.badInput;
    setWrong(taken === null && !cleared);
    if (taken === null && !cleared) input.value = value === null ? "" : String(value);
    else if (taken !== value) onCommit(taken);
  };
  return (
    <>
      <input
        id={props.id}
        aria-label={props.label}
        data-testid={props.testid}
        disabled={props.disabled ?? false}
        placeholder="–"
        class={props.long ? "attnw-long" : ""}
        type="number"
        min={least}
        max={most}
        value={value ?? ""}
        aria-invalid={wrong}
        onChange={(event) => commit(event.currentTarget)}
        onKeyDown={(event) => event.key === "Enter" && commit(event.currentTarget)}
      />
      {wrong && (
        <span class="attnw-problem" role="alert">
          {props.range(least, most)}
        </span>
      )}
    </>
  );
}
