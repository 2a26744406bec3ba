import { useEffect, useRef } from "preact/hooks";

/** Does something when the value has changed; not for the first one. */
export function useChanged(work: () => void, value: unknown): void {
  const seen = useRef<unknown>(undefined);
  useEffect(() => {
    if (seen.current !== undefined && seen.current !== value) {
      work();
    }

    seen.current = value;
  }, [value]);
}
