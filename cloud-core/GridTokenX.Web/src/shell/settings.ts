import { signal } from "@preact/signals";
import { register } from "../account/standard";
import { ask, ApiError } from "../api/http";
import type { WebSettings } from "../api/types";

/** What the server says about this page; undefined until it has. */
export const settings = signal<WebSettings | undefined>(undefined);

const AgainMs = 5_000;

export async function readSettings(): Promise<void> {
  try {
    const said = await ask<WebSettings>("/api/web");
    if (said.development_wallet) {
      register((await import("../account/developmentWallet")).developmentWallet());
    }

    settings.value = said;
  } catch (error) {
    if (error instanceof ApiError) {
      setTimeout(() => void readSettings(), AgainMs);
    } else {
      throw error;
    }
  }
}
