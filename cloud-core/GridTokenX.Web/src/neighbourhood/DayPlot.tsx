import { useMemo } from "preact/hooks";
import uPlot from "uplot";
import type { Epoch } from "../api/types";
import { kwh, language, share, t, time } from "../i18n/locale";
import { axis } from "../ui/axes";
import { Card, Empty } from "../ui/Card";
import { colour, Plot, type PlotOptions } from "../ui/Plot";

const Second = 1_000;

/** What the zone produced and used in each quarter hour that was measured. */
export function DayPlot({ epochs, known }: { epochs: readonly Epoch[]; known: boolean }) {
  const data = useMemo(() => series(epochs), [epochs]);
  return (
    <Card title={t("dayTogether")} wide>
      {data[0].length === 0
        ? <Empty>{t(known ? "noFlow" : "loading")}</Empty>
        : <Plot key={language.value} label={t("dayLabel")} height={300} options={options} data={data} />}
    </Card>
  );
}

function series(epochs: readonly Epoch[]): uPlot.AlignedData {
  const measured = epochs
    .filter((epoch) => epoch.fairness?.produced_kwh != null)
    .sort((left, right) => left.number - right.number);
  return [
    measured.map((epoch) => Date.parse(epoch.start) / Second),
    measured.map((epoch) => epoch.fairness!.produced_kwh),
    measured.map((epoch) => epoch.fairness!.consumed_kwh),
    measured.map((epoch) => epoch.fairness!.self_sufficiency),
  ];
}

const options = (): PlotOptions => ({
  cursor: { drag: { x: true, y: false } },
  scales: {
    energy: { range: (_, __, most) => [0, most * 1.1 || 1] },
    share: { range: () => [0, 1] },
  },
  axes: [
    axis({ values: (_, ticks) => ticks.map((tick) => time(new Date(tick * Second))) }),
    axis({ scale: "energy", size: 56, label: "kWh" }),
    axis({ scale: "share", side: 1, size: 52, grid: { show: false }, values: (_, ticks) => ticks.map(share) }),
  ],
  series: [
    { label: t("when"), value: (_, value) => (value == null ? "–" : time(new Date(value * Second))) },
    area(`${t("production")} kWh`, "price"),
    area(`${t("consumption")} kWh`, "ask"),
    {
      label: t("selfSufficiency"),
      scale: "share",
      stroke: colour("bid"),
      width: 2,
      dash: [6, 4],
      points: { show: false },
      value: (_, value) => (value == null ? "–" : share(value)),
    },
  ],
});

const area = (label: string, name: string): uPlot.Series => ({
  label,
  scale: "energy",
  stroke: colour(name),
  fill: colour(`${name}-fill`),
  width: 2,
  points: { show: false },
  value: (_, value) => (value == null ? "–" : kwh(value)),
});
