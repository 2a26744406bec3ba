import { isOperator, restoring } from "../account/session";
import { t } from "../i18n/locale";
import { Empty } from "../ui/Card";
import { Simulated } from "../ui/Simulated";
import { Audit } from "./Audit";
import { Gateways } from "./Gateways";
import { Health } from "./Health";
import { KeyMetrics } from "./KeyMetrics";
import { Outbox } from "./Outbox";
import { Reconciliation } from "./Reconciliation";
import { Totals } from "./Totals";
import { Unverified } from "./Unverified";

export default function OperationsPage() {
  if (!isOperator.value) {
    return (
      <Empty>
        {t(restoring.value ? "loading" : "operatorsOnly")}
        {!restoring.value && <><br /><a class="button" href="/sign-in">{t("signIn")}</a></>}
      </Empty>
    );
  }

  return (
    <div class="operations">
      <div class="title">
        <h1>{t("operations")}</h1>
        <Simulated />
      </div>
      <Totals />
      <div class="cards">
        <Health />
        <Unverified />
        <Outbox />
        <Gateways />
        <KeyMetrics />
        <Reconciliation />
        <Audit />
      </div>
    </div>
  );
}
