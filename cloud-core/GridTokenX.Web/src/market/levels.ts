import type { BookLevel } from "../api/types";

/** All orders at one price. Energy in Wh, so that sums are exact. */
export interface Level {
  readonly price: number;
  readonly energyWh: number;
  readonly orders: number;
  /** With everything at better prices. */
  readonly upToWh: number;
}

const wattHours = (kwh: number): number => Math.round(kwh * 1000);

/** The levels of one side, best first. */
export function levelsOf(levels: readonly BookLevel[], side: BookLevel["side"]): Level[] {
  const best = side === "sell" ? 1 : -1;
  let upToWh = 0;
  return levels
    .filter((level) => level.side === side)
    .sort((left, right) => best * (left.price_per_kwh - right.price_per_kwh))
    .map((level) => {
      const energyWh = wattHours(level.amount_kwh);
      return { price: level.price_per_kwh, energyWh, orders: level.orders, upToWh: (upToWh += energyWh) };
    });
}
