import { base64 } from "@scure/base";
import { authorised, session, user } from "../account/session";
import { DevelopmentWalletName, signTransaction } from "../account/standard";
import { signer } from "../account/walletSignIn";
import { ApiError, Unreachable } from "../api/http";
import type { Order, PreparedOrder } from "../api/types";
import { t } from "../i18n/locale";

export interface NewOrder {
  readonly side: "sell" | "buy";
  readonly zone: string;
  readonly amountKwh: number;
  readonly pricePerKwh: number;
  /** Undefined for the end of the next quarter hour. */
  readonly expiresAt?: string | undefined;
  /** Takes part in one matching: what it does not get is cancelled, or all of it. Undefined: it stands. */
  readonly timeInForce?: "ioc" | "fok" | undefined;
}

const Attempts = 4;
const PauseMs = 400;

/** The server signs for a managed wallet; one's own wallet signs here, what the server has prepared. */
const isManaged = (): boolean => user.value!.wallet !== session.value!.access_key;

export async function place(order: NewOrder): Promise<Order> {
  const prepared = isManaged() ? undefined : await prepare({
    side: order.side,
    amount_kwh: order.amountKwh,
    price_per_kwh: order.pricePerKwh,
    expires_at: order.expiresAt,
  });
  return post("/api/trading/orders/create", {
    [order.side === "sell" ? "seller_wallet" : "buyer_wallet"]: user.value!.wallet,
    amount_kwh: prepared?.amount_kwh ?? order.amountKwh,
    price_per_kwh: prepared?.price_per_kwh ?? order.pricePerKwh,
    zone: order.zone,
    expires_at: prepared?.expires_at ?? order.expiresAt,
    transaction: prepared?.signed,
    time_in_force: order.timeInForce,
  });
}

/** A listed sell order, whole or in part. */
export async function take(listed: Order, amountKwh: number): Promise<Order> {
  const prepared = isManaged() ? undefined : await prepare({ order_id: listed.order_id, amount_kwh: amountKwh });
  return post("/api/trading/orders/match", {
    buyer_wallet: user.value!.wallet,
    order_id: listed.order_id,
    amount_kwh: prepared?.amount_kwh ?? amountKwh,
    expires_at: prepared?.expires_at,
    transaction: prepared?.signed,
  });
}

export const cancel = (order: Order): Promise<Order> =>
  post("/api/trading/orders/cancel", { order_id: order.order_id });

async function prepare(body: object): Promise<PreparedOrder & { signed: string }> {
  const found = await signer();
  if (!found) {
    throw new Error(t("walletMissing"));
  }

  if (found.wallet.name === DevelopmentWalletName) {
    await (await import("../account/fees")).ensureFees(found.account.address);
  }

  const prepared = await authorised<PreparedOrder>("/api/trading/orders/prepare", { body });
  const signed = await signTransaction(found.wallet, found.account, base64.decode(prepared.transaction));
  return { ...prepared, signed: base64.encode(signed) };
}

/** The same request under the same key is the same order, however often its answer is lost. */
async function post(path: string, body: object): Promise<Order> {
  const headers = { "idempotency-key": crypto.randomUUID() };
  for (let attempt = 1; ; attempt++) {
    try {
      return await authorised<Order>(path, { body, headers });
    } catch (error) {
      const again = error instanceof ApiError
        && (error.code === Unreachable || error.code === "overloaded" || error.code === "market_busy");
      if (!again || attempt === Attempts) {
        throw error;
      }

      await new Promise((resolve) => setTimeout(resolve, PauseMs * 2 ** attempt * Math.random()));
    }
  }
}
