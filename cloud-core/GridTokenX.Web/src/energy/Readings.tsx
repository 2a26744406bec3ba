import { useMemo, useState } from "preact/hooks";
import uPlot from "uplot";
import { ownReadings } from "../api/channels";
import { api } from "../api/client";
import { watch } from "../api/poll";
import type { Meter, Reading } from "../api/types";
import { kwh, language, t, time } from "../i18n/locale";
import { axis } from "../ui/axes";
import { Card, Empty } from "../ui/Card";
import { Failure } from "../ui/Field";
import { colour, Plot, type PlotOptions } from "../ui/Plot";
import { save } from "../ui/save";
import { useAction } from "../ui/useAction";
import { useFollowed } from "../ui/useFollowed";
import { useWatched } from "../ui/useWatched";
import { intervalsOf } from "./intervals";

const Days = { lastDay: 1, lastWeek: 7 } as const;
const OlderMs = 300_000;
const CsvMs = 120_000;
const Second = 1_000;
const DayMs = 86_400_000;

export function Readings({ meters }: { meters: readonly Meter[] | undefined }) {
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  const [span, setSpan] = useState<keyof typeof Days>("lastDay");
  const action = useAction();
  const meter = meters?.find((each) => each.meter_id === chosen) ?? meters?.[0];
  const newest = useFollowed(ownReadings, []);
  const from = useMemo(() => fromOf(meter, Days[span]), [meter?.meter_id, span, meter === undefined]);
  const older = useWatched(
    () => watch((signal) => (from ? api.readings(from, signal) : Promise.resolve([])), OlderMs), [from]);
  const readings = useMemo(
    () => merged(older.value.value ?? [], newest.items.value ?? [], meter?.meter_id, from),
    [older.value.value, newest.items.value, meter?.meter_id, from]);
  const intervals = useMemo(() => intervalsOf(readings), [readings]);
  const data = useMemo((): uPlot.AlignedData => [
    intervals.map((each) => each.end),
    intervals.map((each) => each.producedKwh),
    intervals.map((each) => each.consumedKwh),
    intervals.map((each) => each.charge),
  ], [intervals]);

  if (meters?.length === 0) {
    return <Card title={t("readings")} wide><Empty>{t("noMeters")}</Empty></Card>;
  }

  return (
    <Card
      title={t("readings")}
      wide
      aside={meters && (
        <div class="row">
          {meters.length > 1 && (
            <label class="choice">
              <span class="unseen">{t("meter")}</span>
              <select value={meter?.meter_id} onChange={(event) => setChosen(event.currentTarget.value)}>
                {meters.map((each) => <option key={each.meter_id}>{each.meter_id}</option>)}
              </select>
            </label>
          )}
          <label class="choice">
            <span class="unseen">{t("span")}</span>
            <select value={span} onChange={(event) => setSpan(event.currentTarget.value as keyof typeof Days)}>
              <option value="lastDay">{t("lastDay")}</option>
              <option value="lastWeek">{t("lastWeek")}</option>
            </select>
          </label>
          <button
            type="button"
            class="quiet small"
            disabled={action.busy || readings.length === 0}
            onClick={() => void action.run(async () => save(
              "readings.csv",
              await api.readingsCsv(meter?.meter_id, from, AbortSignal.timeout(CsvMs))))}
          >
            {t("asCsv")}
          </button>
        </div>
      )}
    >
      <Failure of={action.failure} />
      {intervals.length === 0
        ? <Empty>{t(newest.items.value && meters ? "noReadings" : "loading")}</Empty>
        : <Plot key={language.value} label={t("readingsLabel")} height={300} options={options} data={data} />}
    </Card>
  );
}

/** Behind the newest reading, whatever the browser's clock says. */
function fromOf(meter: Meter | undefined, days: number): string | undefined {
  return meter?.last_reading_at
    ? `${new Date(Date.parse(meter.last_reading_at) - days * DayMs).toISOString().slice(0, 19)}Z`
    : undefined;
}

function merged(
  older: readonly Reading[],
  newest: readonly Reading[],
  meter: string | undefined,
  from: string | undefined,
): Reading[] {
  const all = new Map([...older, ...newest].map((reading) => [`${reading.meter_id}:${reading.timestamp}`, reading]));
  const least = from ? Date.parse(from) : 0;
  return [...all.values()].filter((reading) => reading.meter_id === meter && Date.parse(reading.timestamp) >= least);
}

const options = (): PlotOptions => ({
  cursor: { drag: { x: true, y: false } },
  scales: {
    energy: { range: (_, __, most) => [0, most * 1.1 || 1] },
    charge: { range: () => [0, 100] },
  },
  axes: [
    axis({ values: (_, ticks) => ticks.map((tick) => time(new Date(tick * Second))) }),
    axis({ scale: "energy", size: 56, label: "kWh" }),
    axis({
      scale: "charge",
      side: 1,
      size: 48,
      grid: { show: false },
      values: (_, ticks) => ticks.map((tick) => `${tick} %`),
    }),
  ],
  series: [
    { label: t("when"), value: (_, value) => (value == null ? "–" : time(new Date(value * Second))) },
    {
      label: `${t("production")} kWh`,
      scale: "energy",
      stroke: colour("price"),
      fill: colour("price-fill"),
      width: 2,
      points: { show: false },
      value: (_, value) => (value == null ? "–" : kwh(value)),
    },
    {
      label: `${t("consumption")} kWh`,
      scale: "energy",
      stroke: colour("ask"),
      fill: colour("ask-fill"),
      width: 2,
      points: { show: false },
      value: (_, value) => (value == null ? "–" : kwh(value)),
    },
    {
      label: `${t("stateOfCharge")} %`,
      scale: "charge",
      stroke: colour("bid"),
      width: 2,
      dash: [6, 4],
      points: { show: false },
      value: (_, value) => (value == null ? "–" : value.toFixed(1)),
    },
  ],
});
