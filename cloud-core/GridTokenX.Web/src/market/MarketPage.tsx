import { useMemo } from "preact/hooks";
import { api } from "../api/client";
import { watch } from "../api/poll";
import type { Epoch } from "../api/types";
import { count, kwh, price, t, time } from "../i18n/locale";
import { chooseZone, zone } from "../shell/zone";
import { Empty, Stat } from "../ui/Card";
import { useWatched } from "../ui/useWatched";
import { DepthPlot } from "./DepthPlot";
import { EpochPlot } from "./EpochPlot";
import { levelsOf } from "./levels";
import { OrderBook } from "./OrderBook";
import { OrderCards } from "./OrderCards";

const BookMs = 2_000;
const EpochsMs = 10_000;
const Listed = 500;
const EpochsOfADay = 96;

export function MarketPage() {
  const known = useWatched(() => watch((signal) => api.epochs(undefined, EpochsOfADay, signal), EpochsMs), []);
  const zones = [...new Set((known.value.value ?? []).map((epoch) => epoch.zone))].sort();
  const shown = zone.value !== undefined && zones.includes(zone.value) ? zone.value : zones[0];
  if (shown === undefined) {
    return <Empty>{t(known.failure.value ? "retrying" : known.value.value ? "noZones" : "loading")}</Empty>;
  }

  return <ZoneMarket key={shown} zone={shown} zones={zones} />;
}

function ZoneMarket({ zone: name, zones }: { zone: string; zones: readonly string[] }) {
  const book = useWatched(() => watch((signal) => api.activeOrders(name, Listed, signal), BookMs), [name]);
  const day = useWatched(() => watch((signal) => api.epochs(name, EpochsOfADay, signal), EpochsMs), [name]);
  const orders = book.value.value ?? [];
  const epochs = day.value.value ?? [];
  const bids = useMemo(() => levelsOf(orders, "buy"), [orders]);
  const asks = useMemo(() => levelsOf(orders, "sell"), [orders]);
  const failed = book.failure.value ?? day.failure.value;
  return (
    <div class="market">
      <div class="title">
        <h1>{t("market")}</h1>
        <label class="choice">
          <span>{t("zone")}</span>
          <select value={name} onChange={(event) => chooseZone(event.currentTarget.value)}>
            {zones.map((each) => <option key={each}>{each}</option>)}
          </select>
        </label>
        <p class={failed ? "state bad" : "state"} role="status">{t(failed ? "stale" : "live")}</p>
      </div>
      <Figures epochs={epochs} ask={asks[0]?.price} bid={bids[0]?.price} />
      <div class="cards">
        <OrderBook bids={bids} asks={asks} />
        <DepthPlot bids={bids} asks={asks} />
        <EpochPlot epochs={epochs} />
        <OrderCards orders={orders} />
      </div>
    </div>
  );
}

function Figures({ epochs, ask, bid }: {
  epochs: readonly Epoch[];
  ask: number | undefined;
  bid: number | undefined;
}) {
  const last = epochs.find((epoch) => epoch.clearing_price !== null);
  const open = epochs.find((epoch) => epoch.status === "active");
  const wattHours = epochs.reduce((sum, epoch) => sum + Math.round(epoch.volume_kwh * 1000), 0);
  const trades = epochs.reduce((sum, epoch) => sum + epoch.trades, 0);
  return (
    <dl class="figures">
      <Stat label={t("lastPrice")} value={last ? price(last.clearing_price!) : "–"} unit="GRX/kWh" />
      <Stat label={t("bestAsk")} value={ask === undefined ? "–" : price(ask)} unit="GRX/kWh" />
      <Stat label={t("bestBid")} value={bid === undefined ? "–" : price(bid)} unit="GRX/kWh" />
      <Stat label={t("volumeToday")} value={kwh(wattHours / 1000)} unit="kWh" />
      <Stat label={t("trades")} value={count(trades)} />
      <Stat label={t("epoch")} value={open ? `${time(open.start)}–${time(open.end)}` : "–"} />
    </dl>
  );
}
