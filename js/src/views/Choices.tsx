import { useOwnId } from "./ids";

/** A few words of which one holds. */
export function Choices<Value extends string>(props: {
  readonly name: string;
  readonly options: Readonly<Record<Value, string>>;
  readonly value: Value;
  readonly onChoose: (value: Value) => void;
}) {
  const group = useOwnId();
  const options = Object.entries(props.options) as [Value, string][];
  return (
    <fieldset class="attnw-choices">
      <legend class="attnw-hush">{props.name}</legend>
      {options.map(([value, label]) => (
        <label key={value} class={value === props.value ? "attnw-chosen" : ""}>
          <input
            type="radio"
            name={group}
            value={value}
            checked={value === props.value}
            onChange={() => props.onChoose(value)}
          />
          {label}
        </label>
      ))}
    </fieldset>
  );
}
