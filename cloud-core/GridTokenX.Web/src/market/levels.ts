import type { Order } from "../api/types";

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
export function levelsOf(orders: readonly Order[], side: Order["side"]): Level[] {
  const byPrice = new Map<number, { energyWh: number; orders: number }>();
  for (const order of orders) {
    if (order.side === side) {
      const level = byPrice.get(order.price_per_kwh) ?? { energyWh: 0, orders: 0 };
      level.energyWh += wattHours(order.remaining_kwh);
      level.orders++;
      byPrice.set(order.price_per_kwh, level);
    }
  }

  const best = side === "sell" ? 1 : -1;
  let upToWh = 0;
  return [...byPrice]
    .sort(([left], [right]) => best * (left - right))
    .map(([price, level]) => ({ price, ...level, upToWh: (upToWh += level.energyWh) }));
}
