import type { ComponentChildren } from "preact";
import { lazy, Suspense } from "preact/compat";
import { AccountMenu } from "../account/AccountMenu";
import { isOperator } from "../account/session";
import { switchLanguage, t } from "../i18n/locale";
import type { TextKey } from "../i18n/texts";
import { step, toStep } from "../tour/tour";
import { route } from "./router";
import { ThemeChoice } from "./ThemeChoice";

const TourPanel = lazy(() => import("../tour/TourPanel"));

interface Place {
  readonly path: string;
  readonly text: TextKey;
  readonly icon: string;
}

const places: readonly Place[] = [
  { path: "/", text: "market", icon: "M4 19V9m5 10V5m5 14v-7m5 7V8" },
  { path: "/energy", text: "energy", icon: "M13 3 5 14h6l-1 7 8-11h-6z" },
  { path: "/neighbourhood", text: "neighbourhood", icon: "m3 12 6-6 6 6m-10-1v8h8v-8m3-4 6 6m-2-1.500V19h-4" },
  { path: "/explorer", text: "explorer", icon: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14m5 12 4 4" },
];

const operations: Place = { path: "/operations", text: "operations", icon: "M3 12h4l3-8 4 16 3-8h4" };

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
          {(isOperator.value ? [...places, operations] : places).map(({ path, text, icon }) => (
            <a key={path} href={path} aria-current={isAt(path) ? "page" : undefined}>
              <svg viewBox="0 0 24 24" aria-hidden="true"><path d={icon} /></svg>
              {t(text)}
            </a>
          ))}
        </nav>
        <div class="choices">
          <button type="button" class="quiet" lang={t("language") === "English" ? "en" : "th"} onClick={switchLanguage}>
            {t("language")}
          </button>
          <AccountMenu />
        </div>
      </header>
      <main id="content" tabIndex={-1}>{children}</main>
      <footer class="foot">
        <button type="button" class="quiet small" onClick={() => toStep(0)}>{t("tour")}</button>
        <ThemeChoice />
      </footer>
      {step.value !== undefined && <Suspense fallback={null}><TourPanel /></Suspense>}
    </>
  );
}

const isAt = (path: string): boolean =>
  route.value === path || (path !== "/" && route.value.startsWith(`${path}/`));
