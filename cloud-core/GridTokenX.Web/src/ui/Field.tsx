import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface InputProps {
  type?: "text" | "email" | "password";
  autocomplete?: string;
  inputMode?: "decimal";
  required?: boolean;
  spellcheck?: boolean;
  minLength?: number;
  maxLength?: number;
}

export function Field({ label, hint, unit, value, onInput, type, ...input }: InputProps & {
  label: string;
  hint?: ComponentChildren;
  unit?: string;
  value: string;
  onInput: (value: string) => void;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="entry">
        <input
          {...input}
          type={(type ?? "text") as "text" /* the types know each kind by itself only */}
          id={id}
          value={value}
          aria-describedby={hint ? `${id}-hint` : undefined}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
        {unit && <span class="unit">{unit}</span>}
      </div>
      {hint && <small id={`${id}-hint`}>{hint}</small>}
    </div>
  );
}

/** A few choices beside each other, as radio buttons. */
export function Choice<T extends string>({ label, value, choices, onChange }: {
  label: string;
  value: T;
  choices: readonly { value: T; text: string; disabled?: boolean; hint?: string }[];
  onChange: (value: T) => void;
}) {
  const name = useId();
  return (
    <fieldset class="choice-of">
      <legend>{label}</legend>
      <div class="segments">
        {choices.map((each) => (
          <label key={each.value}>
            <input
              type="radio"
              name={name}
              checked={each.value === value}
              disabled={each.disabled ?? false}
              onChange={() => onChange(each.value)}
            />
            <span>{each.text}{each.hint && <small> {each.hint}</small>}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** What went wrong, said to screen readers as well. */
export function Failure({ of }: { of: string | undefined }) {
  return <div role="alert">{of && <p class="problem">{of}</p>}</div>;
}
