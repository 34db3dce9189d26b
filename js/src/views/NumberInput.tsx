/** A whole number to type; anything else is null. Taken on leaving the field or on Enter. */
export function NumberInput(props: {
  readonly value: number | null;
  readonly least: number;
  readonly onCommit: (value: number | null) => void;
  readonly id: string;
  readonly label: string;
  readonly testid: string;
  readonly disabled?: boolean;
}) {
  const { value, least, onCommit } = props;
  const commit = (input: HTMLInputElement) => {
    const number = input.valueAsNumber;
    const taken = Number.isInteger(number) && number >= least ? number : null;
    if (taken !== value) onCommit(taken);
    else input.value = value === null ? "" : String(value);
  };
  return (
    <input
      id={props.id}
      aria-label={props.label}
      data-testid={props.testid}
      disabled={props.disabled ?? false}
      placeholder="–"
      type="number"
      min={least}
      value={value ?? ""}
      onChange={(event) => commit(event.currentTarget)}
      onKeyDown={(event) => event.key === "Enter" && commit(event.currentTarget)}
    />
  );
}
