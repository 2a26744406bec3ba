import { useEffect, useMemo } from "preact/hooks";
import type { Watched } from "../api/poll";

/** Watches while the component is there; anew when an input changes. */
export function useWatched<T>(start: () => Watched<T>, inputs: readonly unknown[]): Watched<T> {
  const watched = useMemo(start, inputs);
  useEffect(() => watched.stop, [watched]);
  return watched;
}
