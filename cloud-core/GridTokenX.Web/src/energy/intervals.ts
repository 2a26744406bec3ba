import type { Reading } from "../api/types";

/** What was measured between two readings of a meter. */
export interface Interval {
  /** Unix seconds, of its end. */
  readonly end: number;
  readonly producedKwh: number;
  readonly consumedKwh: number;
  readonly charge: number | null;
}

const NoBattery = 65535;

/** Of one meter, the oldest first. Where a device was replaced the registers begin anew: that step is left out. */
export function intervalsOf(readings: readonly Reading[]): Interval[] {
  const ordered = [...readings].sort((left, right) => left.timestamp.localeCompare(right.timestamp));
  return ordered.slice(1).flatMap((reading, index) => {
    const before = ordered[index]!;
    const produced = step(before.production_kwh, reading.production_kwh);
    const consumed = step(before.consumption_kwh, reading.consumption_kwh);
    const soc = reading.soc_permille;
    return produced < 0 || consumed < 0 ? [] : [{
      end: Date.parse(reading.timestamp) / 1000,
      producedKwh: produced,
      consumedKwh: consumed,
      charge: soc === null || soc === NoBattery ? null : soc / 10,
    }];
  });
}

const step = (from: number, to: number): number => Math.round((to - from) * 1000) / 1000;
