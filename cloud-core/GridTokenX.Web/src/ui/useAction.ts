import { useState } from "preact/hooks";
import { ApiError } from "../api/http";
import { isText, t } from "../i18n/locale";

/** Something that a button does: whether it is under way, and why it has failed. */
export interface Action {
  readonly busy: boolean;
  readonly failure: string | undefined;
  run(work: () => Promise<void>): Promise<boolean>;
  clear(): void;
}

export function useAction(): Action {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | undefined>(undefined);
  return {
    busy,
    failure,
    clear: () => setFailure(undefined),
    run: async (work) => {
      setBusy(true);
      setFailure(undefined);
      try {
        await work();
        return true;
      } catch (error) {
        setFailure(words(error));
        return false;
      } finally {
        setBusy(false);
      }
    },
  };
}

export function words(error: unknown): string {
  if (error instanceof ApiError) {
    const key = `problem_${error.code}`;
    return isText(key) ? t(key) : error.message || error.code;
  }

  return error instanceof Error ? error.message : String(error);
}
