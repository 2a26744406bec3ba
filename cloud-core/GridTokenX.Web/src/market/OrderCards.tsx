import { useRef } from "preact/hooks";
import type { Order } from "../api/types";
import { kwh, moment, money, price, t, time } from "../i18n/locale";
import { Card, Empty } from "../ui/Card";

const Shown = 24;

/** What is for sale, cheapest first. */
export function OrderCards({ orders }: { orders: readonly Order[] }) {
  const offers = orders.filter((order) => order.side === "sell").slice(0, Shown);
  return (
    <Card title={t("offers")} wide>
      {offers.length === 0
        ? <Empty>{t("noOffers")}</Empty>
        : <ul class="offers">{offers.map((order) => <Offer key={order.order_id} order={order} />)}</ul>}
    </Card>
  );
}

function Offer({ order }: { order: Order }) {
  const details = useRef<HTMLDialogElement>(null);
  return (
    <li class="offer">
      <div class="who">
        <span class="avatar" aria-hidden="true">{[...order.owner.name][0]}</span>
        <div>
          <strong>{order.owner.name}</strong>
          <small>{t("created")} {time(order.created_at)} · {t("expires")} {time(order.expires_at)}</small>
        </div>
      </div>
      <p class="amount">{kwh(order.remaining_kwh)} <small>kWh</small></p>
      <p>{price(order.price_per_kwh)} <small>GRX {t("perKwh")}</small></p>
      <p class="sum">{t("total")} <strong>{money(order.total_price_grx)} GRX</strong></p>
      <button type="button" class="quiet" onClick={() => details.current?.showModal()}>{t("details")}</button>
      <dialog ref={details} aria-label={t("details")}>
        <dl class="facts">
          <dt>{t("orderId")}</dt><dd class="mono">{order.order_id}</dd>
          <dt>{t("seller")}</dt>
          <dd>{order.owner.name}, {t(order.owner.user_type === "prosumer" ? "prosumer" : "consumer")}</dd>
          <dt>{t("address")}</dt><dd class="mono">{order.owner.wallet}</dd>
          <dt>{t("energyKwh")}</dt><dd>{kwh(order.remaining_kwh)} / {kwh(order.amount_kwh)} kWh</dd>
          <dt>{t("price")}</dt><dd>{price(order.price_per_kwh)} GRX {t("perKwh")}</dd>
          <dt>{t("created")}</dt><dd>{moment(order.created_at)}</dd>
          <dt>{t("expires")}</dt><dd>{moment(order.expires_at)}</dd>
        </dl>
        <form method="dialog"><button class="button" type="submit">{t("close")}</button></form>
      </dialog>
    </li>
  );
}
