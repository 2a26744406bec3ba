import { api } from "./client";
import type { Channel } from "./live";
import type { BookLevel, BookView, Epoch, Lock, Order, Reading, Settlement, TradeTick } from "./types";
import { ask } from "./http";

const Epochs = 16;

export const bookOf = (zone: string): Channel<BookLevel> => ({
  name: "book",
  zone,
  key: (level) => `${level.side}:${level.price_per_kwh}`,
  isGone: (level) => level.amount_kwh === 0,
  poll: async (signal) => {
    const { bids, asks } = await ask<BookView>("/api/market/book", { query: { zone }, signal });
    return [...bids, ...asks];
  },
});

export const tradesOf = (zone: string): Channel<TradeTick> => ({
  name: "trades",
  zone,
  key: (trade) => trade.sequence,
});

export const epochsOf = (zone: string): Channel<Epoch> => ({
  name: "epochs",
  zone,
  key: (epoch) => epoch.number,
  poll: (signal) => api.epochs(zone, Epochs, signal),
});

export const ownOrders = (): Channel<Order> => ({ name: "orders", key: (order) => order.order_id, poll: api.orders });

export const ownSettlements = (): Channel<Settlement> =>
  ({ name: "settlements", key: (settlement) => settlement.number, poll: api.settlements });

export const ownLocks = (): Channel<Lock> => ({ name: "locks", key: (lock) => lock.order_id, poll: api.locks });

export const ownReadings = (): Channel<Reading> => ({
  name: "readings",
  key: (reading) => `${reading.meter_id}:${reading.sequence}`,
  poll: (signal) => api.readings(undefined, signal),
});
