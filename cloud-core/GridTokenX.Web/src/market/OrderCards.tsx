import { lazy, Suspense } from "preact/compat";
import { useRef, useState } from "preact/hooks";
import { session, user } from "../account/session";
import type { Order } from "../api/types";
import { ago, kwh, moment, money, price, t } from "../i18n/locale";
import { go } from "../shell/router";
import { Baht } from "../ui/Baht";
import { Card, Empty } from "../ui/Card";

const Checkout = lazy(() => import("../trade/Checkout"));
const Shown = 24;

/** What is for sale, cheapest first. */
export function OrderCards({ orders, now }: {
  orders: readonly Order[] | undefined;
  now: Date | undefined;
}) {
  const [chosen, setChosen] = useState<Order | undefined>(undefined);
  const offers = (orders ?? []).filter((order) => order.side === "sell").slice(0, Shown);
  const buy = (order: Order): void => (user.value ? setChosen(order) : go("/sign-in"));
  return (
    <Card title={t("offers")} wide>
      {offers.length === 0 ? <Empty>{t(orders ? "noOffers" : "loading")}</Empty> : (
        <ul class="offers">
          {offers.map((order) => <Offer key={order.order_id} order={order} now={now} onBuy={() => buy(order)} />)}
        </ul>
      )}
      {chosen && (
        <Suspense fallback={null}>
          <Checkout key={chosen.order_id} of={chosen} onClose={() => setChosen(undefined)} />
        </Suspense>
      )}
    </Card>
  );
}

function Offer({ order, now, onBuy }: { order: Order; now: Date | undefined; onBuy: () => void }) {
  const details = useRef<HTMLDialogElement>(null);
  const isOwn = user.value?.wallet === order.owner.wallet;
  return (
    <li class="offer">
      <div class="who">
        <span class="avatar" aria-hidden="true">{[...order.owner.name][0]}</span>
        <div>
          <strong>{order.owner.name}</strong>
          <small>{now ? ago(order.created_at, now) : moment(order.created_at)}</small>
        </div>
      </div>
      <p class="amount">{kwh(order.remaining_kwh)} <small>kWh</small></p>
      <p>{price(order.price_per_kwh)} <small>GRX {t("perKwh")}</small></p>
      <p class="sum">
        {t("total")} <strong>{money(order.total_price_grx)} GRX</strong> <Baht grx={order.total_price_grx} />
      </p>
      <div class="row">
        {!isOwn && (
          <button type="button" disabled={session.value !== undefined && user.value === undefined} onClick={onBuy}>
            {t("buyNow")}
          </button>
        )}
        <button type="button" class="quiet" onClick={() => details.current?.showModal()}>{t("details")}</button>
      </div>
      <dialog ref={details} aria-label={t("details")}>
        <dl class="facts">
          <dt>{t("orderId")}</dt><dd class="mono">{order.order_id}</dd>
          <dt>{t("seller")}</dt>
          <dd>{order.owner.name}, {t(order.owner.user_type === "prosumer" ? "prosumer" : "consumer")}</dd>
          <dt>{t("address")}</dt>
          <dd><a class="mono" href={`/explorer/account/${order.owner.wallet}`}>{order.owner.wallet}</a></dd>
          <dt>{t("energyKwh")}</dt><dd>{kwh(order.remaining_kwh)} / {kwh(order.amount_kwh)} kWh</dd>
          <dt>{t("price")}</dt>
          <dd>{price(order.price_per_kwh)} GRX {t("perKwh")} <Baht grx={order.price_per_kwh} /></dd>
          <dt>{t("created")}</dt><dd>{moment(order.created_at)}</dd>
          <dt>{t("expires")}</dt><dd>{moment(order.expires_at)}</dd>
        </dl>
        <form method="dialog"><button class="button" type="submit">{t("close")}</button></form>
      </dialog>
    </li>
  );
}
