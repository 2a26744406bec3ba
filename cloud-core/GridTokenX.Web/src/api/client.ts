import { authorised, request } from "../account/session";
import { ask, type Asked } from "./http";
import type {
  AuditEntry, AuditReport, Balances, Carbon, ChainInfo, DeviceListing, Epoch, GatewayListing, Lock, MadeClaim,
  MarketData, Meter, Mint, Neighbourhood, OperationsHealth, OperatorReport, Order, OutboxEntry, Reading,
  Reconciliation, Settlement, Trade, User, WebSettings,
} from "./types";

export { ApiError } from "./http";

type Signal = AbortSignal;
const MostPages = 40;

/** All pages of a list, the newest first, but not without end. */
async function all<T>(path: string, name: string, query: Asked["query"], signal: Signal): Promise<T[]> {
  const rows: T[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MostPages; page++) {
    const answer = await authorised<Record<string, unknown>>(path, { query: { ...query, cursor }, signal });
    rows.push(...(answer[name] as T[]));
    cursor = (answer["next"] as string | null) ?? undefined;
    if (!cursor) {
      break;
    }
  }

  return rows;
}

/** All pages of a list in CSV, under one head. */
async function allCsv(path: string, query: Asked["query"], signal: Signal): Promise<Blob> {
  const pages: string[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MostPages && (page === 0 || cursor); page++) {
    const answer = await request(path, { query: { ...query, format: "csv", cursor }, signal });
    const text = await answer.text();
    pages.push(page === 0 ? text : text.slice(text.indexOf("\n") + 1));
    cursor = answer.headers.get("next-cursor") || undefined;
  }

  return new Blob(pages, { type: "text/csv;charset=utf-8" });
}

const first = async <T>(path: string, name: string, query: Asked["query"], signal: Signal): Promise<T[]> =>
  (await authorised<Record<string, T[]>>(path, { query, signal }))[name]!;

export const api = {
  settings: (signal?: Signal): Promise<WebSettings> => ask("/api/web", { signal }),

  chain: (signal: Signal): Promise<ChainInfo> => ask("/api/chain", { signal }),

  epochs: async (zone: string | undefined, limit: number, signal: Signal): Promise<Epoch[]> =>
    (await ask<{ epochs: Epoch[] }>("/api/market/epochs", { query: { zone, limit }, signal })).epochs,

  activeOrders: async (zone: string, limit: number, signal: Signal): Promise<Order[]> =>
    (await ask<{ orders: Order[] }>("/api/trading/orders/active", { query: { zone, limit }, signal })).orders,

  openOrders: async (limit: number, signal: Signal): Promise<Order[]> =>
    (await ask<{ orders: Order[] }>("/api/trading/orders/active", { query: { limit }, signal })).orders,

  marketData: (zone: string, signal: Signal): Promise<MarketData> =>
    ask("/api/market/data", { query: { zone, levels: 0 }, signal }),

  neighbourhood: (zone: string, signal: Signal): Promise<Neighbourhood> =>
    ask("/api/neighbourhood", { query: { zone }, signal }),

  balances: (signal: Signal): Promise<Balances> => authorised("/api/balances", { signal }),
  carbon: (signal: Signal): Promise<Carbon> => authorised("/api/carbon", { query: { limit: 1 }, signal }),
  meters: (signal: Signal): Promise<Meter[]> => first("/api/meters", "meters", {}, signal),
  orders: (signal: Signal): Promise<Order[]> => first("/api/trading/orders", "orders", { limit: 200 }, signal),
  trades: (signal: Signal): Promise<Trade[]> => first("/api/trading/history", "trades", { limit: 200 }, signal),
  settlements: (signal: Signal): Promise<Settlement[]> =>
    first("/api/settlements", "settlements", { limit: 200 }, signal),
  locks: (signal: Signal): Promise<Lock[]> => first("/api/locks", "locks", { limit: 200 }, signal),
  allOrders: (signal: Signal): Promise<Order[]> => all("/api/trading/orders", "orders", { limit: 500 }, signal),
  allSettlements: (signal: Signal): Promise<Settlement[]> =>
    all("/api/settlements", "settlements", { limit: 500 }, signal),
  allMints: (signal: Signal): Promise<Mint[]> => all("/api/mints", "mints", { limit: 500 }, signal),
  mints: (signal: Signal): Promise<Mint[]> => first("/api/mints", "mints", { limit: 200 }, signal),
  readings: (from: string | undefined, signal: Signal): Promise<Reading[]> =>
    all("/api/readings", "readings", { from, limit: 500 }, signal),
  readingsCsv: (meter: string | undefined, from: string | undefined, signal: Signal): Promise<Blob> =>
    allCsv("/api/readings", { meter_id: meter, from, limit: 2000 }, signal),

  report: (signal: Signal): Promise<OperatorReport> => authorised("/api/operator/report", { signal }),
  reconciliation: (signal: Signal): Promise<Reconciliation> => authorised("/api/operator/reconciliation", { signal }),
  outbox: (status: string, signal: Signal): Promise<OutboxEntry[]> =>
    first("/api/operator/outbox", "entries", { status }, signal),
  retry: (id: number): Promise<OutboxEntry> =>
    authorised(`/api/operator/outbox/${id}/retry`, { method: "POST" }),
  park: (id: number, reason: string): Promise<OutboxEntry> =>
    authorised(`/api/operator/outbox/${id}/park`, { body: { reason } }),
  health: (signal: Signal): Promise<OperationsHealth> => authorised("/api/operator/health", { signal }),
  setMaintenance: (enabled: boolean, reason: string | null): Promise<void> =>
    authorised("/api/operator/maintenance", { method: "PUT", body: { enabled, reason } }),
  audit: (limit: number, signal: Signal): Promise<AuditEntry[]> =>
    first("/api/operator/audit", "entries", { limit }, signal),
  verifyAudit: (): Promise<AuditReport> => authorised("/api/operator/audit/verify"),
  gateways: (signal: Signal): Promise<GatewayListing[]> => first("/api/gateways", "gateways", {}, signal),
  claim: (name: string, zone: string): Promise<MadeClaim> =>
    authorised("/api/gateways/claims", { body: { name, zone } }),
  release: (gateway: string): Promise<void> => authorised(`/api/gateways/${gateway}/release`, { method: "POST" }),
  revoke: (meter: string): Promise<void> => authorised(`/api/meters/${meter}/revoke`, { method: "POST" }),
  users: (verified: boolean, signal: Signal): Promise<User[]> =>
    first("/api/operator/users", "users", { verified: String(verified) }, signal),
  verify: (user: string): Promise<User> => authorised(`/api/users/${user}/verify`, { method: "POST" }),
  devices: (state: string, signal: Signal): Promise<DeviceListing[]> =>
    first("/api/operator/devices", "devices", { state }, signal),
  metrics: async (signal: Signal): Promise<string> =>
    (await request("/api/operator/metrics", { signal })).text(),
};
