import { effect } from "@preact/signals";
import { t } from "../i18n/locale";
import type { TextKey } from "../i18n/texts";
import { route } from "./router";

const names: Readonly<Record<string, TextKey>> = {
  "": "market",
  energy: "energy",
  neighbourhood: "neighbourhood",
  explorer: "explorer",
  operations: "operations",
  "sign-in": "signIn",
};

/** The window's title follows place and language. */
export function titleOf(): void {
  effect(() => {
    const name = names[route.value.split("/")[1] ?? ""];
    document.title = name ? `${t(name)} · GridTokenX` : "GridTokenX";
  });
}
