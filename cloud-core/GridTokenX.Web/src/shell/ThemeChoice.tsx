import { signal } from "@preact/signals";
import { t } from "../i18n/locale";

type Theme = "auto" | "light" | "dark";

const chosen = signal<Theme>((document.documentElement.dataset["theme"] as Theme | undefined) ?? "auto");

/** Changes with whatever the colours depend on: charts draw themselves anew. */
export const colours = signal(0);

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => colours.value++);

function choose(theme: Theme): void {
  chosen.value = theme;
  if (theme === "auto") {
    delete document.documentElement.dataset["theme"];
    localStorage.removeItem("theme");
  } else {
    document.documentElement.dataset["theme"] = theme;
    localStorage.setItem("theme", theme);
  }

  colours.value++;
}

export function ThemeChoice() {
  return (
    <label class="choice">
      <span class="unseen">{t("theme")}</span>
      <select value={chosen.value} onChange={(event) => choose(event.currentTarget.value as Theme)}>
        <option value="auto">{t("themeAuto")}</option>
        <option value="light">{t("themeLight")}</option>
        <option value="dark">{t("themeDark")}</option>
      </select>
    </label>
  );
}
