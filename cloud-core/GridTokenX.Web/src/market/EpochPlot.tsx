import { useMemo } from "preact/hooks";
import uPlot from "uplot";
import type { Epoch } from "../api/types";
import { kwh, language, price, t, time } from "../i18n/locale";
import { axis } from "../ui/axes";
import { Card, Empty } from "../ui/Card";
import { colour, Plot, type PlotOptions } from "../ui/Plot";

/** Clearing price as a line between the epoch's lowest and highest, volume as bars. */
export function EpochPlot({ epochs, known }: { epochs: readonly Epoch[]; known: boolean }) {
  const data = useMemo(() => series(epochs), [epochs]);
  return (
    <Card title={t("priceAndVolume")} wide>
      {epochs.every((epoch) => epoch.trades === 0)
        ? <Empty>{t(known ? "noEpochs" : "loading")}</Empty>
        : <Plot key={language.value} label={t("priceAndVolume")} height={300} options={options} data={data} />}
    </Card>
  );
}

function series(epochs: readonly Epoch[]): uPlot.AlignedData {
  const ordered = [...epochs].sort((left, right) => left.number - right.number);
  return [
    ordered.map((epoch) => Date.parse(epoch.start) / 1000),
    ordered.map((epoch) => epoch.volume_kwh),
    ordered.map((epoch) => epoch.high_price),
    ordered.map((epoch) => epoch.low_price),
    ordered.map((epoch) => epoch.clearing_price),
  ];
}

const options = (): PlotOptions => ({
  cursor: { drag: { x: true, y: false } },
  scales: {
    price: { range: (_, least, most) => [Math.max(0, least - 0.1), most + 0.1] },
    // Bars stay below the line.
    volume: { range: (_, __, most) => [0, most * 2.5 || 1] },
  },
  axes: [
    axis({ values: (_, ticks) => ticks.map((tick) => time(new Date(tick * 1000))) }),
    axis({ scale: "price", size: 60, label: "GRX/kWh", values: (_, ticks) => ticks.map((tick) => price(tick)) }),
    axis({ scale: "volume", side: 1, size: 52, label: "kWh", grid: { show: false } }),
  ],
  bands: [{ series: [2, 3], fill: colour("price-fill") }],
  series: [
    { label: t("epoch"), value: (_, value) => (value == null ? "–" : time(new Date(value * 1000))) },
    {
      label: `${t("volume")} kWh`,
      scale: "volume",
      fill: colour("volume"),
      width: 0,
      points: { show: false },
      paths: uPlot.paths.bars!({ size: [0.8, 24], radius: 0.15 }),
      value: (_, value) => (value == null ? "–" : kwh(value)),
    },
    edge(),
    edge(),
    {
      label: `${t("price")} GRX/kWh`,
      scale: "price",
      stroke: colour("price"),
      width: 2.5,
      points: { size: 5, fill: colour("price") },
      value: (_, value) => (value == null ? "–" : price(value)),
    },
  ],
});

const edge = (): uPlot.Series => ({ scale: "price", width: 0, points: { show: false }, class: "unseen" });
