import { user } from "../account/session";
import { ownOrders } from "../api/channels";
import type { Order } from "../api/types";
import { fill, isText, kwh, moment, price, t } from "../i18n/locale";
import { Card, Empty } from "../ui/Card";
import { Failure } from "../ui/Field";
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
        <div class="scroll" tabIndex={0} role="region" aria-label={t("myOrders")}>
          <table class="list">
            <thead>
              <tr>
                <th scope="col">{t("created")}</th>
                <th scope="col">{t("side")}</th>
                <th scope="col" class="number">{t("remaining")} <small>kWh</small></th>
                <th scope="col" class="number">{t("price")} <small>GRX</small></th>
                <th scope="col">{t("state")}</th>
                <th scope="col"><span class="unseen">{t("cancel")}</span></th>
              </tr>
            </thead>
            <tbody>
              {orders.map((order) => (
                <tr key={order.order_id}>
                  <td>{moment(order.created_at)}</td>
                  <td class={order.side === "sell" ? "asking" : "bidding"}>{t(order.side)}</td>
                  <td class="number">{kwh(order.remaining_kwh)} <small>/ {kwh(order.amount_kwh)}</small></td>
                  <td class="number">{price(order.price_per_kwh)}</td>
                  <td><State of={order.status} />{order.reason && <small> {order.reason}</small>}</td>
                  <td class="number">
                    {isOpen(order) && (
                      <button
                        type="button"
                        class="quiet small"
                        disabled={action.busy}
                        aria-label={fill("cancelOrder", order.chain_order_id)}
                        onClick={() => void action.run(async () => void (await cancel(order)))}
                      >
                        {t("cancel")}
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  );
}

export function State({ of: status }: { of: string }) {
  const key = `status_${status}`;
  return <span class={`chip ${status}`}>{isText(key) ? t(key) : status}</span>;
}
