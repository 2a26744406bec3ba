import type { TradeTick } from "../api/types";
import { kwh, moment, price, t, time } from "../i18n/locale";
import { Baht } from "../ui/Baht";
import { Card, Empty } from "../ui/Card";

const Shown = 10;

/** The newest first. */
export function RecentTrades({ trades }: { trades: readonly TradeTick[] | undefined }) {
  const newest = [...(trades ?? [])].sort((left, right) => right.sequence - left.sequence).slice(0, Shown);
  return (
    <Card title={t("recentTrades")}>
      {newest.length === 0 ? <Empty>{t(trades ? "noTradesYet" : "loading")}</Empty> : (
        <table class="list">
          <thead>
            <tr>
              <th scope="col">{t("when")}</th>
              <th scope="col" class="number">{t("energyKwh")} <small>kWh</small></th>
              <th scope="col" class="number">{t("price")} <small>GRX/kWh</small></th>
            </tr>
          </thead>
          <tbody>
            {newest.map((trade) => (
              <tr key={trade.sequence}>
                <td title={moment(trade.matched_at)}>{time(trade.matched_at)}</td>
                <td class="number">{kwh(trade.amount_kwh)}</td>
                <td class="number">{price(trade.price_per_kwh)} <Baht grx={trade.price_per_kwh} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}
