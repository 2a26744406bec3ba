import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { user } from "../account/session";
import { bookOf, epochsOf, tradesOf } from "../api/channels";
import { api } from "../api/client";
import { isLive } from "../api/live";
import { watch } from "../api/poll";
import type { Epoch, MarketData } from "../api/types";
import { count, kwh, price, t, time } from "../i18n/locale";
import { OfZone } from "../shell/ZoneChoice";
import { OwnOrders } from "../trade/OwnOrders";
import { PlaceOrder } from "../trade/PlaceOrder";
import { Baht } from "../ui/Baht";
import { Stat } from "../ui/Card";
import { Simulated } from "../ui/Simulated";
import { useChanged } from "../ui/useChanged";
import { useFollowed } from "../ui/useFollowed";
import { useWatched } from "../ui/useWatched";
import { DepthPlot } from "./DepthPlot";
import { EpochPlot } from "./EpochPlot";
import { levelsOf } from "./levels";
import { OrderBook } from "./OrderBook";
import { OrderCards } from "./OrderCards";
import { RecentTrades } from "./RecentTrades";

const DataMs = 5_000;
const DayMs = 60_000;
const OffersMs = 10_000;
const Listed = 200;
const EpochsOfADay = 96;
const OwnShown = 8;

export function MarketPage() {
  return <OfZone>{(zone, choice) => <ZoneMarket key={zone} zone={zone} choice={choice} />}</OfZone>;
}

function ZoneMarket({ zone, choice }: { zone: string; choice: ComponentChildren }) {
  const book = useFollowed(() => bookOf(zone), [zone]);
  const trades = useFollowed(() => tradesOf(zone), [zone]);
  const newest = useFollowed(() => epochsOf(zone), [zone]);
  const day = useWatched(() => watch((signal) => api.epochs(zone, EpochsOfADay, signal), DayMs), [zone]);
  const data = useWatched(() => watch((signal) => api.marketData(zone, signal), DataMs), [zone]);
  const offers = useWatched(() => watch((signal) => api.activeOrders(zone, Listed, signal), OffersMs), [zone]);
  const levels = book.items.value;
  useChanged(() => offers.hurry(), levels);
  useChanged(() => data.hurry(), trades.items.value);

  const bids = useMemo(() => levelsOf(levels ?? [], "buy"), [levels]);
  const asks = useMemo(() => levelsOf(levels ?? [], "sell"), [levels]);
  const epochs = useMemo(
    () => merged(day.value.value ?? [], newest.items.value ?? []), [day.value.value, newest.items.value]);
  const failed = book.failure.value ?? data.failure.value;
  const now = data.value.value ? new Date(data.value.value.time) : undefined;
  return (
    <div class="market">
      <div class="title">
        <h1>{t("market")}</h1>
        {choice}
        <Simulated />
        <p class={failed ? "state bad" : "state"} role="status" data-live={isLive.value}>
          {t(failed ? "stale" : levels === undefined ? "loading" : "live")}
        </p>
      </div>
      <Figures epochs={epochs} data={data.value.value} ask={asks[0]?.price} bid={bids[0]?.price} />
      <div class="cards">
        <OrderBook bids={bids} asks={asks} known={levels !== undefined} />
        <PlaceOrder zone={zone} data={data.value.value} ask={asks[0]?.price} bid={bids[0]?.price} />
        {user.value && <OwnOrders shown={OwnShown} onlyOpen />}
        <OrderCards orders={offers.value.value} now={now} />
        <EpochPlot epochs={epochs} known={day.value.value !== undefined} />
        <DepthPlot bids={bids} asks={asks} known={levels !== undefined} />
        <RecentTrades trades={trades.items.value} />
      </div>
    </div>
  );
}

function merged(day: readonly Epoch[], newest: readonly Epoch[]): Epoch[] {
  const byNumber = new Map([...day, ...newest].map((epoch) => [epoch.number, epoch]));
  return [...byNumber.values()].sort((left, right) => right.number - left.number).slice(0, EpochsOfADay);
}

function Figures({ epochs, data, ask, bid }: {
  epochs: readonly Epoch[];
  data: MarketData | undefined;
  ask: number | undefined;
  bid: number | undefined;
}) {
  const last = data?.last_price ?? epochs.find((epoch) => epoch.clearing_price !== null)?.clearing_price ?? undefined;
  const open = epochs.find((epoch) => epoch.status === "active");
  const indicative = data?.indicative?.price;
  const dynamic = data?.dynamic?.price ?? undefined;
  return (
    <dl class="figures">
      <PriceStat label={t("lastPrice")} of={last} />
      <PriceStat label={t("bestAsk")} of={ask} />
      <PriceStat label={t("bestBid")} of={bid} />
      {indicative !== undefined && <PriceStat label={t("indicative")} of={indicative} />}
      {dynamic !== undefined && <PriceStat label={t("dynamicPrice")} of={dynamic} />}
      <Stat label={t("volumeToday")} value={data ? kwh(data.volume_kwh) : "–"} unit="kWh" />
      <Stat label={t("trades")} value={data ? count(data.trades) : "–"} />
      <Stat label={t("epoch")} value={open ? `${time(open.start)}–${time(open.end)}` : "–"} />
    </dl>
  );
}

function PriceStat({ label, of: value }: { label: string; of: number | undefined }) {
  return (
    <Stat label={label} value={value === undefined ? "–" : price(value)} unit="GRX/kWh">
      {value !== undefined && <Baht grx={value} />}
    </Stat>
  );
}
