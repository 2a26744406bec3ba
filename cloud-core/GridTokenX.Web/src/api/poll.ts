import { type Signal, signal } from "@preact/signals";
import { ApiError } from "./client";

/** What was last heard, and whether the last attempt failed. */
export interface Watched<T> {
  readonly value: Signal<T | undefined>;
  readonly failure: Signal<string | undefined>;
  stop(): void;
}

const SlowestMs = 60_000;

/**
 * Asks again and again, and not while the page is hidden. After a failure the pauses double, up to a minute; what was
 * heard before stays.
 */
export function watch<T>(ask: (signal: AbortSignal) => Promise<T>, intervalMs: number): Watched<T> {
  const value = signal<T | undefined>(undefined);
  const failure = signal<string | undefined>(undefined);
  const abort = new AbortController();
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const round = async (): Promise<void> => {
    if (!document.hidden) {
      try {
        value.value = await ask(abort.signal);
        failure.value = undefined;
        failures = 0;
      } catch (error) {
        if (abort.signal.aborted) {
          return;
        }

        failure.value = error instanceof ApiError ? error.code : "internal_error";
        failures++;
      }
    }

    if (!abort.signal.aborted) {
      timer = setTimeout(round, Math.min(intervalMs * 2 ** Math.min(failures, 10), SlowestMs));
    }
  };

  const onVisible = (): void => {
    if (!document.hidden && timer !== undefined) {
      clearTimeout(timer);
      timer = undefined;
      void round();
    }
  };

  document.addEventListener("visibilitychange", onVisible);
  void round();
  return {
    value,
    failure,
    stop: () => {
      abort.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onVisible);
    },
  };
}
