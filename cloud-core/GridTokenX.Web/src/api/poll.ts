import { type Signal, signal } from "@preact/signals";
import { ApiError } from "./client";

/** What was last heard, and whether the last attempt failed. */
export interface Watched<T> {
  readonly value: Signal<T | undefined>;
  readonly failure: Signal<string | undefined>;
  /** Asks soon: there is something new. */
  hurry(): void;
  stop(): void;
}

const SlowestMs = 60_000;
const SoonMs = 300;

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
  let again = false;
  let isSoon = false;

  const round = async (): Promise<void> => {
    timer = undefined;
    isSoon = false;
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
      const regular = Math.min(intervalMs * 2 ** Math.min(failures, 10), SlowestMs);
      isSoon = again && failures === 0;
      timer = setTimeout(round, isSoon ? SoonMs : regular);
      again = false;
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
    hurry: () => {
      if (timer === undefined) {
        again = true; // It is under way, and may have come too early.
      } else if (failures === 0 && !isSoon) {
        isSoon = true;
        clearTimeout(timer);
        timer = setTimeout(round, SoonMs);
      }
    },
    stop: () => {
      abort.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onVisible);
    },
  };
}
