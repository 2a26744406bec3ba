import { lazy, Suspense } from "preact/compat";
import { render } from "preact";
import "./styles/page.css";
import { restore } from "./account/session";
import { look } from "./account/standard";
import { t } from "./i18n/locale";
import { MarketPage } from "./market/MarketPage";
import { route } from "./shell/router";
import { readSettings } from "./shell/settings";
import { Shell } from "./shell/Shell";
import { titleOf } from "./shell/title";
import { Empty } from "./ui/Card";

const pages = {
  explorer: lazy(() => import("./explorer/ExplorerPage")),
  energy: lazy(() => import("./energy/EnergyPage")),
  neighbourhood: lazy(() => import("./neighbourhood/NeighbourhoodPage")),
  operations: lazy(() => import("./operations/OperationsPage")),
  "sign-in": lazy(() => import("./account/SignInPage")),
} as const;

function Page() {
  const place = route.value.split("/")[1] ?? "";
  if (place === "") {
    return <MarketPage />;
  }

  if (place in pages) {
    const Found = pages[place as keyof typeof pages];
    return <Suspense fallback={<Empty>{t("loading")}</Empty>}><Found /></Suspense>;
  }

  return (
    <div class="lost">
      <p>{t("notFound")}</p>
      <a class="button" href="/">{t("home")}</a>
    </div>
  );
}

look();
titleOf();
void readSettings();
void restore();
render(<Shell><Page /></Shell>, document.getElementById("page")!);
