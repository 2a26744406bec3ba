import { api } from "../api/client";
import { watch } from "../api/poll";
import { count, fill, kwh, money, share, t } from "../i18n/locale";
import { Baht } from "../ui/Baht";
import { Stat } from "../ui/Card";
import { useWatched } from "../ui/useWatched";

const EveryMs = 10_000;
const Micro = 1e6;

/** What the market has come to since the beginning. */
export function Totals() {
  const report = useWatched(() => watch((signal) => api.report(signal), EveryMs), []).value.value;
  if (!report) {
    return null;
  }

  const { readings, energy, orders, settlements, chain, market } = report;
  const refused = Object.values(readings.rejected_by_code).reduce((sum, each) => sum + each, 0);
  const placed = orders.sell + orders.buy;
  const matched = orders.filled + orders.partially_filled;
  return (
    <dl class="figures" aria-label={t("totals")}>
      <Stat label={t("readingsAccepted")} value={count(readings.accepted)}>
        <small>{fill("readingsRefused", count(refused))}</small>
      </Stat>
      <Stat label={t("energyProduced")} value={kwh(energy.produced_wh / 1000)} unit="kWh" />
      <Stat label={t("energyMinted")} value={kwh(energy.minted_wh / 1000)} unit="GRID" />
      <Stat label={t("matchesMade")} value={count(report.matches)}>
        <small>{placed > 0 ? `${t("matchRate")} ${share(matched / placed)}` : ""}</small>
      </Stat>
      <Stat label={t("settledValue")} value={money(settlements.value_ugrx / Micro)} unit="GRX">
        <Baht grx={settlements.value_ugrx / Micro} />
      </Stat>
      <Stat label={t("feesCollected")} value={money(settlements.fee_ugrx / Micro)} unit="GRX" />
      <Stat label={t("chainTransactions")} value={count(chain.transactions)}>
        <small>
          {chain.transactions > 0
            ? `${share((chain.transactions - chain.failed) / chain.transactions)} ${t("successRate")}` : ""}
        </small>
      </Stat>
      <Stat label={t("welfareRatio")} value={market.welfare_ratio === null ? "–" : share(market.welfare_ratio)} />
    </dl>
  );
}
