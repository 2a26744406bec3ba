import { kwh, price, t } from "../i18n/locale";
import { Card, Empty } from "../ui/Card";
import type { Level } from "./levels";

const Shown = 8;

/** Offers above, bids below, the spread between them; bars show the energy up to each price. */
export function OrderBook({ bids, asks, known }: {
  bids: readonly Level[];
  asks: readonly Level[];
  known: boolean;
}) {
  const most = Math.max(1, asks.slice(0, Shown).at(-1)?.upToWh ?? 0, bids.slice(0, Shown).at(-1)?.upToWh ?? 0);
  const [ask, bid] = [asks[0], bids[0]];
  return (
    <Card title={t("orderBook")}>
      {ask === undefined && bid === undefined ? <Empty>{t(known ? "noOrders" : "loading")}</Empty> : (
        <table class="book">
          <thead>
            <tr>
              <th scope="col">{t("price")} <small>GRX/kWh</small></th>
              <th scope="col">{t("energyKwh")} <small>kWh</small></th>
              <th scope="col">{t("cumulative")} <small>kWh</small></th>
            </tr>
          </thead>
          <tbody class="asks">
            {asks.slice(0, Shown).reverse().map((level) => <Row key={level.price} level={level} most={most} />)}
          </tbody>
          <tbody class="spread">
            <tr>
              <td colSpan={3}>
                {ask && bid ? <>{t("spread")} {price(ask.price - bid.price)} GRX</> : "–"}
              </td>
            </tr>
          </tbody>
          <tbody class="bids">
            {bids.slice(0, Shown).map((level) => <Row key={level.price} level={level} most={most} />)}
          </tbody>
        </table>
      )}
    </Card>
  );
}

function Row({ level, most }: { level: Level; most: number }) {
  return (
    <tr style={{ "--part": level.upToWh / most }}>
      <td>{price(level.price)}</td>
      <td>{kwh(level.energyWh / 1000)}</td>
      <td>{kwh(level.upToWh / 1000)}</td>
    </tr>
  );
}
