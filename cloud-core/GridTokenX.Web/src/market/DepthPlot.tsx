import { useMemo } from "preact/hooks";
import uPlot from "uplot";
import { language, price, t } from "../i18n/locale";
import { axis } from "../ui/axes";
import { Card, Empty } from "../ui/Card";
import { colour, Plot, type PlotOptions } from "../ui/Plot";
import type { Level } from "./levels";

/** Energy wanted at or above each price, and offered at or below it: where the steps would meet, trade happens. */
export function DepthPlot({ bids, asks, known }: {
  bids: readonly Level[];
  asks: readonly Level[];
  known: boolean;
}) {
  const data = useMemo(() => series(bids, asks), [bids, asks]);
  return (
    <Card title={t("depth")}>
      {data[0].length === 0
        ? <Empty>{t(known ? "noOrders" : "loading")}</Empty>
        : <Plot key={language.value} label={t("depthLabel")} height={420} options={options} data={data} />}
    </Card>
  );
}

function series(bids: readonly Level[], asks: readonly Level[]): uPlot.AlignedData {
  const prices = [...bids.map((level) => level.price).reverse(), ...asks.map((level) => level.price)]
    .sort((left, right) => left - right);
  const unique = prices.filter((value, index) => index === 0 || value !== prices[index - 1]);
  const wanted = new Map(bids.map((level) => [level.price, level.upToWh / 1000]));
  const offered = new Map(asks.map((level) => [level.price, level.upToWh / 1000]));
  const [least, most] = [unique[0], unique.at(-1)];
  if (least === undefined || most === undefined) {
    return [[], [], []];
  }

  // Both sides go on to the edge: whoever bids less, or asks more, would be served as well.
  const edge = Math.max((most - least) / 20, most / 100);
  return [
    [least - edge, ...unique, most + edge],
    [bids.at(-1) && bids.at(-1)!.upToWh / 1000, ...unique.map((at) => wanted.get(at)), undefined],
    [undefined, ...unique.map((at) => offered.get(at)), asks.at(-1) && asks.at(-1)!.upToWh / 1000],
  ];
}

const options = (): PlotOptions => ({
  cursor: { drag: { x: false, y: false } },
  legend: { live: true },
  scales: { x: { time: false }, y: { range: (_, __, most) => [0, most * 1.05 || 1] } },
  axes: [
    axis({ label: "GRX/kWh", values: (_, ticks) => ticks.map((tick) => price(tick)) }),
    axis({ size: 56, label: "kWh" }),
  ],
  series: [
    { label: `${t("price")} GRX/kWh`, value: (_, value) => (value == null ? "–" : price(value)) },
    steps("wanted", "bid", -1),
    steps("offers", "ask", 1),
  ],
});

const steps = (text: "wanted" | "offers", name: string, align: 1 | -1): uPlot.Series => ({
  label: `${t(text)} kWh`,
  stroke: colour(name),
  fill: colour(`${name}-fill`),
  width: 2,
  spanGaps: true,
  points: { show: false },
  paths: uPlot.paths.stepped!({ align, ascDesc: true }),
});
