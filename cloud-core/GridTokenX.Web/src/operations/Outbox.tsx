import { useState } from "preact/hooks";
import { api } from "../api/client";
import { watch } from "../api/poll";
import type { OutboxEntry } from "../api/types";
import { TransactionLink } from "../explorer/links";
import { count, fill, moment, t } from "../i18n/locale";
import { Card, Empty } from "../ui/Card";
import { Failure, Field } from "../ui/Field";
import { useAction } from "../ui/useAction";
import { useWatched } from "../ui/useWatched";

const EveryMs = 5_000;
const Shown = 20;

/** Transactions that wait for somebody to look at them, and those on their way, which can be set aside. */
export function Outbox() {
  const asked = useWatched(() => watch(async (signal) => {
    const [attention, pending, sent] = await Promise.all(
      ["attention", "pending", "sent"].map((status) => api.outbox(status, signal)));
    return { attention: attention!, underWay: [...sent!, ...pending!] };
  }, EveryMs), []);
  const found = asked.value.value;
  return (
    <>
      <Entries title={t("needsHand")} empty={t("nothingParked")} of={found?.attention} onChanged={asked.hurry} />
      {found && found.underWay.length > 0 && (
        <Entries title={t("underWay")} empty="" of={found.underWay} onChanged={asked.hurry} />
      )}
    </>
  );
}

function Entries({ title, empty, of: entries, onChanged }: {
  title: string;
  empty: string;
  of: readonly OutboxEntry[] | undefined;
  onChanged: () => void;
}) {
  const action = useAction();
  const [parking, setParking] = useState<OutboxEntry | undefined>(undefined);
  const run = (work: () => Promise<unknown>): void => void action.run(async () => {
    await work();
    setParking(undefined);
    onChanged();
  });
  return (
    <Card title={title} wide aside={<small>{entries ? count(entries.length) : "–"}</small>}>
      <Failure of={action.failure} />
      {!entries || entries.length === 0 ? <Empty>{entries ? empty : t("loading")}</Empty> : (
        <div class="scroll" tabIndex={0} role="region" aria-label={title}>
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
              {entries.slice(0, Shown).map((entry) => (
                <tr key={entry.id}>
                  <td><code>{entry.kind}</code></td>
                  <td>{moment(entry.created_at)}</td>
                  <td class="number">{entry.attempts}</td>
                  <td>{entry.last_error}</td>
                  <td>{entry.tx_signature && <TransactionLink of={entry.tx_signature} />}</td>
                  <td class="number">
                    {entry.status === "parked" && (
                      <button
                        type="button"
                        class="quiet small"
                        disabled={action.busy}
                        aria-label={fill("retryEntry", String(entry.id))}
                        onClick={() => run(() => api.retry(entry.id))}
                      >
                        {t("retry")}
                      </button>
                    )}
                    {(entry.status === "pending" || entry.status === "sent") && (
                      <button
                        type="button"
                        class="quiet small"
                        aria-label={fill("parkEntry", String(entry.id))}
                        onClick={() => setParking(entry)}
                      >
                        {t("park")}
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {parking && (
        <Park
          of={parking}
          busy={action.busy}
          onPark={(reason) => run(() => api.park(parking.id, reason))}
          onClose={() => setParking(undefined)}
        />
      )}
    </Card>
  );
}

function Park({ of: entry, busy, onPark, onClose }: {
  of: OutboxEntry;
  busy: boolean;
  onPark: (reason: string) => void;
  onClose: () => void;
}) {
  const [reason, setReason] = useState("");
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        onPark(reason.trim());
      }}
    >
      <Field label={fill("parkReason", String(entry.id))} maxLength={200} required value={reason} onInput={setReason} />
      <div class="row end">
        <button type="button" class="quiet" onClick={onClose}>{t("cancel")}</button>
        <button type="submit" disabled={busy || reason.trim() === ""}>{t("park")}</button>
      </div>
    </form>
  );
}
