import { ownLocks } from "../api/channels";
import { isText, kwh, moment, reasonOf, t } from "../i18n/locale";
import { Card, Empty } from "../ui/Card";
import { shortened } from "../ui/shortened";
import { Table } from "../ui/Table";
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
        <Table
          name={t("locks")}
          rows={locks}
          keyOf={(lock) => lock.order_id}
          columns={[
            {
              head: t("orderId"),
              cell: (lock) => <span class="mono" title={lock.order_id}>{shortened(lock.order_id)}</span>,
            },
            {
              head: t("held"),
              unit: "kWh",
              kind: "number",
              cell: (lock) => <>{kwh(lock.acknowledged_kwh)} <small>/ {kwh(lock.energy_kwh)}</small></>,
            },
            { head: t("delivered"), unit: "kWh", kind: "number", cell: (lock) => kwh(lock.delivered_kwh) },
            {
              head: t("state"),
              cell: (lock) => (
                <><LockState of={lock.status} />{lock.refusal && <small> {reasonOf(lock.refusal)}</small>}</>
              ),
            },
            { head: t("expires"), cell: (lock) => moment(lock.expires_at) },
          ]}
        />
      )}
    </Card>
  );
}

function LockState({ of: status }: { of: string }) {
  const key = `lock_${status}`;
  return <span class={`chip ${status}`}>{isText(key) ? t(key) : status}</span>;
}
