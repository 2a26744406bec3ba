import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Card } from "./Card";
import { Failure } from "./Field";
import { useAction } from "./useAction";

/** A card with a button that asks for something; what has come stays until it is asked for again. */
export function AskedCard<T extends object>({ title, label, ask, outcome, children }: {
  title: string;
  label: string;
  ask: () => Promise<T>;
  outcome: (found: T) => ComponentChildren;
  children?: ComponentChildren;
}) {
  const action = useAction();
  const [found, setFound] = useState<T | undefined>(undefined);
  return (
    <Card
      title={title}
      wide
      aside={(
        <button
          type="button"
          class="quiet small"
          disabled={action.busy}
          onClick={() => void action.run(async () => setFound(await ask()))}
        >
          {label}
        </button>
      )}
    >
      <Failure of={action.failure} />
      <div role="status">{found && outcome(found)}</div>
      {children}
    </Card>
  );
}
