import { user } from "../account/session";
import { ownOrders } from "../api/channels";
import type { Order } from "../api/types";
import { fill, isText, kwh, moment, price, reasonOf, t } from "../i18n/locale";
import { Card, Empty } from "../ui/Card";
import { Failure } from "../ui/Field";
import { Table } from "../ui/Table";
import { useAction } from "../ui/useAction";
import { useFollowed } from "../ui/useFollowed";
import { cancel } from "./placing";

const Open = ["pending", "active", "partially_filled"];

export const isOpen = (order: Order): boolean => Open.includes(order.status);

/** The newest first; open ones can be cancelled. */
export function OwnOrders({ shown, onlyOpen }: { shown: number; onlyOpen?: boolean }) {
  const followed = useFollowed(ownOrders, [user.value?.id]);
  const action = useAction();
  const orders = [...(followed.items.value ?? [])]
    .filter((order) => !onlyOpen || isOpen(order))
    .sort((left, right) => right.created_at.localeCompare(left.created_at))
    .slice(0, shown);
  return (
    <Card title={t("myOrders")} wide>
      <Failure of={action.failure} />
      {orders.length === 0 ? <Empty>{t(followed.items.value ? "noOwnOrders" : "loading")}</Empty> : (
        <Table
          name={t("myOrders")}
          rows={orders}
          keyOf={(order) => order.order_id}
          columns={[
            { head: t("created"), cell: (order) => moment(order.created_at) },
            {
              head: t("side"),
              cell: (order) => (
                <>
                  <span class={order.side === "sell" ? "asking" : "bidding"}>{t(order.side)}</span>
                  {order.time_in_force !== "gtc" && <small> {order.time_in_force.toUpperCase()}</small>}
                </>
              ),
            },
            {
              head: t("remaining"),
              unit: "kWh",
              kind: "number",
              cell: (order) => <>{kwh(order.remaining_kwh)} <small>/ {kwh(order.amount_kwh)}</small></>,
            },
            { head: t("price"), unit: "GRX", kind: "number", cell: (order) => price(order.price_per_kwh) },
            {
              head: t("state"),
              cell: (order) => (
                <><State of={order.status} />{order.reason && <small> {reasonOf(order.reason)}</small>}</>
              ),
            },
            {
              head: t("cancel"),
              kind: "act",
              cell: (order) => isOpen(order) && (
                <button
                  type="button"
                  class="quiet small"
                  disabled={action.busy}
                  aria-label={fill("cancelOrder", order.chain_order_id)}
                  onClick={() => void action.run(async () => void (await cancel(order)))}
                >
                  {t("cancel")}
                </button>
              ),
            },
          ]}
        />
      )}
    </Card>
  );
}

export function State({ of: status }: { of: string }) {
  const key = `status_${status}`;
  return <span class={`chip ${status}`}>{isText(key) ? t(key) : status}</span>;
}
