import { useEffect, useMemo } from "preact/hooks";
import { type Channel, follow, type Followed } from "../api/live";

/** Follows while the component is there; anew when an input changes. */
export function useFollowed<T>(channel: () => Channel<T>, inputs: readonly unknown[]): Followed<T> {
  const followed = useMemo(() => follow(channel()), inputs);
  useEffect(() => followed.stop, [followed]);
  return followed;
}
