// The API's answers, as docs/PROTOCOL.md describes them. Energy in kWh, money in GRX, prices in GRX per kWh.

export interface Owner {
  wallet: string;
  name: string;
  user_type: string;
}

export interface Order {
  order_id: string;
  side: "sell" | "buy";
  owner: Owner;
  zone: string;
  amount_kwh: number;
  remaining_kwh: number;
  price_per_kwh: number;
  total_price_grx: number;
  status: string;
  created_at: string;
  expires_at: string;
  chain_order_id: string;
  reason: string | null;
  time_in_force: "gtc" | "ioc" | "fok";
  /** What the chain has seen of it; among one's own orders alone. */
  proofs: { step: "escrowed" | "closed"; tx_signature: string; at: string }[] | null;
}

export interface Fairness {
  welfare_share: number | null;
  volume_share: number | null;
  buyers_share: number | null;
  price_dispersion: number | null;
  self_sufficiency: number | null;
  self_consumption: number | null;
  produced_kwh: number | null;
  consumed_kwh: number | null;
  meters: number | null;
  meters_read: number | null;
}

export interface Epoch {
  number: number;
  zone: string;
  start: string;
  end: string;
  status: "pending" | "active" | "cleared" | "settled";
  clearing_price: number | null;
  volume_kwh: number;
  trades: number;
  high_price: number | null;
  low_price: number | null;
  open_interest_kwh: number;
  rule: string;
  auction_price: number | null;
  fairness: Fairness | null;
}

export interface BookLevel {
  side: "sell" | "buy";
  price_per_kwh: number;
  amount_kwh: number;
  orders: number;
}

export interface BookView {
  zone: string;
  bids: BookLevel[];
  asks: BookLevel[];
}

export interface TradeTick {
  sequence: number;
  match_id: string;
  zone: string;
  amount_kwh: number;
  price_per_kwh: number;
  total_grx: number;
  matched_at: string;
}

export interface MarketData {
  zone: string;
  time: string;
  rule: "continuous" | "call_auction";
  epoch: number;
  epoch_ends: string;
  last_price: number | null;
  volume_kwh: number;
  trades: number;
  indicative: { price: number; volume_kwh: number; imbalance_kwh: number } | null;
  dynamic: { price: number | null; gate_open: boolean; soc_permille: number | null } | null;
  feed_in_price: number | null;
  retail_price: number | null;
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string | null;
}

/** Addresses in Base58, amounts and prices in base units. */
export interface ChainInfo {
  rpc_url: string;
  grid_mint: string;
  grx_mint: string;
  energy_token: string;
  registry: string;
  trading: string;
  market: string;
  fee_basis_points: number;
  min_price: number;
  max_price: number;
  settlement_grace_seconds: number;
}

export interface WebSettings {
  development_wallet: boolean;
  thb_per_grx: number | null;
  welcome_grx: number | null;
  simulated_time: boolean;
}

export interface Neighbourhood {
  zone: string;
  time: string;
  meters: number;
  meters_read: number;
  producing: number;
  produced_kwh: number;
  consumed_kwh: number;
  soc_permille: number | null;
  sellers: { name: string; sold_kwh: number; producing: boolean }[];
}

export interface SessionTokens {
  access_token: string;
  expires_at: string;
  session: string;
  access_key: string;
  roles: string[];
}

export interface User {
  id: string;
  name: string;
  role: "prosumer" | "consumer";
  wallet: string;
  access_key: string;
  verified: boolean;
  registered_on_chain: boolean;
}

export interface PreparedOrder {
  chain_order_id: string;
  transaction: string;
  message: string;
  wallet: string;
  amount_kwh: number;
  price_per_kwh: number;
  expires_at: string;
}

export interface Balances {
  wallet: string;
  grid: number;
  grx: number;
  escrowed_grid: number;
  escrowed_grx: number;
}

export interface Meter {
  meter_id: string;
  device: string;
  zone: string;
  last_reading_at: string | null;
  production_kwh: number;
  consumption_kwh: number;
  minted_kwh: number;
  registered_on_chain: boolean;
  gateway: string | null;
  paired: boolean;
  pairing_code: string | null;
  revoked_at: string | null;
}

/** Registers count since the installation. */
export interface Reading {
  meter_id: string;
  sequence: number;
  timestamp: string;
  production_kwh: number;
  consumption_kwh: number;
  soc_permille: number | null;
  flags: number;
  interval_s: number;
}

export interface Trade {
  match_id: string;
  direction: "sold" | "bought";
  counterparty: Owner;
  amount_kwh: number;
  price_per_kwh: number;
  total_grx: number;
  fee_grx: number;
  status: "matched" | "clearing" | "settled" | "failed";
  tx_signature: string;
  matched_at: string;
}

export interface Settlement {
  settlement_id: string;
  number: string;
  match_id: string;
  direction: "sold" | "bought";
  epoch: number;
  zone: string;
  amount_kwh: number;
  total_grx: number;
  fee_grx: number;
  net_grx: number;
  status: "pending" | "completed" | "failed";
  tx_signature: string | null;
  created_at: string;
  completed_at: string | null;
}

export interface Mint {
  mint_id: string;
  meter_id: string;
  amount_kwh: number;
  status: "pending" | "completed";
  tx_signature: string | null;
  created_at: string;
  completed_at: string | null;
}

export interface Lock {
  order_id: string;
  device: string;
  energy_kwh: number;
  acknowledged_kwh: number;
  delivered_kwh: number;
  status: string;
  refusal: string | null;
  expires_at: string;
}

export interface Carbon {
  credited_grams: number;
  pending_grams: number;
}

export interface OutboxEntry {
  id: number;
  intent_id: string;
  kind: string;
  status: string;
  attempts: number;
  next_attempt_at: string;
  tx_signature: string | null;
  last_error: string | null;
  created_at: string;
}

export interface AuditEntry {
  number: number;
  at: string;
  actor: string;
  action: string;
  subject: string | null;
  detail: string | null;
  address: string | null;
  hash: string;
}

export interface AuditReport {
  intact: boolean;
  entries: number;
  broken_at: number | null;
  head_hash: string | null;
}

export interface Reconciliation {
  matches: boolean;
  checked: number;
  pending: number;
  differences: Difference[];
  outside: Difference[];
}

export interface Difference {
  what: string;
  database: number;
  chain: number;
}

export interface OperatorReport {
  readings: { accepted: number; rejected_by_code: Record<string, number> };
  energy: { produced_wh: number; consumed_wh: number; net_wh: number; minted_wh: number };
  orders: Record<"sell" | "buy" | "filled" | "partially_filled" | "cancelled" | "expired" | "rejected", number>;
  matches: number;
  epochs: { cleared: number; settled: number };
  settlements: { completed: number; failed: number; pending: number; value_ugrx: number; fee_ugrx: number };
  locks: Record<"queued" | "sent" | "acknowledged" | "rejected" | "released" | "expired", number>;
  chain: { transactions: number; failed: number; pending: number };
  market: { welfare_ratio: number | null; volume_ratio: number | null };
}

export interface OperationsHealth {
  status: "healthy" | "degraded" | "unhealthy";
  parts: { name: string; status: string; detail: string | null }[];
  maintenance: { enabled: boolean; reason: string | null; since: string | null; by: string | null };
  live_clients: number;
}

export interface GatewayListing {
  gateway: string;
  name: string;
  zone: string | null;
  owner: string | null;
  pairing_until: string | null;
  health: {
    received_at: string;
    clock_offset_seconds: number | null;
    backlog: number;
    oldest_pending: string | null;
    quarantined: number;
    alarms: string[];
    version: string | null;
  } | null;
  devices: number;
  devices_online: number;
}

export interface MadeClaim {
  code: string;
  expires_at: string;
}

export interface DeviceListing {
  device: string;
  meter_id: string;
  zone: string;
  owner_name: string;
  paired: boolean;
  revoked_at: string | null;
  last_reading_at: string | null;
}
