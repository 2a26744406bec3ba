import type { ComponentChildren } from "preact";
import { switchLanguage, t } from "../i18n/locale";
import type { TextKey } from "../i18n/texts";
import { route } from "./router";
import { ThemeChoice } from "./ThemeChoice";

const places: readonly { path: string; text: TextKey; icon: string }[] = [
  { path: "/", text: "market", icon: "M4 19V9m5 10V5m5 14v-7m5 7V8" },
  { path: "/explorer", text: "explorer", icon: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14m5 12 4 4" },
];

export function Shell({ children }: { children: ComponentChildren }) {
  return (
    <>
      <a class="skip" href="#content">{t("skip")}</a>
      <header class="bar">
        <a class="brand" href="/">
          <img src="/assets/icon.svg" alt="" width="28" height="28" />
          <span>GridTokenX</span>
        </a>
        <nav aria-label="GridTokenX">
          {places.map(({ path, text, icon }) => (
            <a key={path} href={path} aria-current={isAt(path) ? "page" : undefined}>
              <svg viewBox="0 0 24 24" aria-hidden="true"><path d={icon} /></svg>
              {t(text)}
            </a>
          ))}
        </nav>
        <div class="choices">
          <ThemeChoice />
          <button type="button" class="quiet" lang={t("language") === "English" ? "en" : "th"} onClick={switchLanguage}>
            {t("language")}
          </button>
        </div>
      </header>
      <main id="content" tabIndex={-1}>{children}</main>
    </>
  );
}

const isAt = (path: string): boolean =>
  route.value === path || (path !== "/" && route.value.startsWith(`${path}/`));
