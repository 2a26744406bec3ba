import { api } from "../api/client";
import { watch } from "../api/poll";
import type { OutboxEntry } from "../api/types";
import { TransactionLink } from "../explorer/links";
import { count, fill, moment, t } from "../i18n/locale";
import { Card, Empty } from "../ui/Card";
import { Failure } from "../ui/Field";
import { useAction } from "../ui/useAction";
import { useWatched } from "../ui/useWatched";

const EveryMs = 5_000;

/** Transactions that wait for somebody to look at them, and how many are on their way. */
export function Outbox() {
  const action = useAction();
  const asked = useWatched(() => watch(async (signal) => {
    const [parked, pending, sent] = await Promise.all(
      ["parked", "pending", "sent"].map((status) => api.outbox(status, signal)));
    return { parked: parked!, underWay: pending!.length + sent!.length };
  }, EveryMs), []);
  const found = asked.value.value;
  const retry = (entry: OutboxEntry): Promise<boolean> => action.run(async () => {
    await api.retry(entry.id);
    asked.hurry();
  });
  return (
    <Card
      title={t("needsHand")}
      wide
      aside={<small>{t("underWay")}: {found ? count(found.underWay) : "–"}</small>}
    >
      <Failure of={action.failure} />
      {!found || found.parked.length === 0 ? <Empty>{t(found ? "nothingParked" : "loading")}</Empty> : (
        <div class="scroll" tabIndex={0} role="region" aria-label={t("needsHand")}>
          <table class="list">
            <thead>
              <tr>
                <th scope="col">{t("kind")}</th>
                <th scope="col">{t("created")}</th>
                <th scope="col" class="number">{t("attempts")}</th>
                <th scope="col">{t("reason")}</th>
                <th scope="col">{t("transaction")}</th>
                <th scope="col"><span class="unseen">{t("retry")}</span></th>
              </tr>
            </thead>
            <tbody>
              {found.parked.map((entry) => (
                <tr key={entry.id}>
                  <td><code>{entry.kind}</code></td>
                  <td>{moment(entry.created_at)}</td>
                  <td class="number">{entry.attempts}</td>
                  <td>{entry.last_error}</td>
                  <td>{entry.tx_signature && <TransactionLink of={entry.tx_signature} />}</td>
                  <td class="number">
                    <button
                      type="button"
                      class="quiet small"
                      disabled={action.busy}
                      aria-label={fill("retryEntry", String(entry.id))}
                      onClick={() => void retry(entry)}
                    >
                      {t("retry")}
                    </button>
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
