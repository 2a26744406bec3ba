import { lazy, Suspense } from "preact/compat";
import { render } from "preact";
import "./styles/page.css";
import { t } from "./i18n/locale";
import { MarketPage } from "./market/MarketPage";
import { route } from "./shell/router";
import { Shell } from "./shell/Shell";

const ExplorerPage = lazy(() => import("./explorer/ExplorerPage"));

function Page() {
  switch (route.value.split("/")[1]) {
    case "":
      return <MarketPage />;
    case "explorer":
      return <Suspense fallback={null}><ExplorerPage /></Suspense>;
    default:
      return (
        <div class="lost">
          <p>{t("notFound")}</p>
          <a class="button" href="/">{t("home")}</a>
        </div>
      );
  }
}

render(<Shell><Page /></Shell>, document.getElementById("page")!);
