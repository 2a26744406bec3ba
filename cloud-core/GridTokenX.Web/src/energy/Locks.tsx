import { ownLocks } from "../api/channels";
import { isText, kwh, moment, t } from "../i18n/locale";
import { Card, Empty } from "../ui/Card";
import { shortened } from "../ui/shortened";
import { useFollowed } from "../ui/useFollowed";

const Shown = 8;

/** What one's devices hold for buyers. */
export function Locks() {
  const followed = useFollowed(ownLocks, []);
  const locks = [...(followed.items.value ?? [])]
    .sort((left, right) => right.expires_at.localeCompare(left.expires_at))
    .slice(0, Shown);
  return (
    <Card title={t("locks")} wide>
      {locks.length === 0 ? <Empty>{t(followed.items.value ? "noLocks" : "loading")}</Empty> : (
        <div class="scroll" tabIndex={0} role="region" aria-label={t("locks")}>
          <table class="list">
            <thead>
              <tr>
                <th scope="col">{t("orderId")}</th>
                <th scope="col" class="number">{t("held")} <small>kWh</small></th>
                <th scope="col" class="number">{t("delivered")} <small>kWh</small></th>
                <th scope="col">{t("state")}</th>
                <th scope="col">{t("expires")}</th>
              </tr>
            </thead>
            <tbody>
              {locks.map((lock) => (
                <tr key={lock.order_id}>
                  <td class="mono" title={lock.order_id}>{shortened(lock.order_id)}</td>
                  <td class="number">{kwh(lock.acknowledged_kwh)} <small>/ {kwh(lock.energy_kwh)}</small></td>
                  <td class="number">{kwh(lock.delivered_kwh)}</td>
                  <td><LockState of={lock.status} />{lock.refusal && <small> {lock.refusal}</small>}</td>
                  <td>{moment(lock.expires_at)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  );
}

function LockState({ of: status }: { of: string }) {
  const key = `lock_${status}`;
  return <span class={`chip ${status}`}>{isText(key) ? t(key) : status}</span>;
}
