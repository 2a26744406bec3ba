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
