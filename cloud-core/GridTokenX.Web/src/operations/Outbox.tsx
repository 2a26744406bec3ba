import { useState } from "preact/hooks";
import { api } from "../api/client";
import { watch } from "../api/poll";
import type { OutboxEntry } from "../api/types";
import { TransactionLink } from "../explorer/links";
import { count, fill, moment, t } from "../i18n/locale";
import { Card, Empty } from "../ui/Card";
import { Failure, Field } from "../ui/Field";
import { Table } from "../ui/Table";
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
        <Table
          name={title}
          rows={entries.slice(0, Shown)}
          keyOf={(entry) => entry.id}
          columns={[
            { head: t("kind"), cell: (entry) => <code>{entry.kind}</code> },
            { head: t("created"), cell: (entry) => moment(entry.created_at) },
            { head: t("attempts"), kind: "number", cell: (entry) => count(entry.attempts) },
            { head: t("reason"), cell: (entry) => entry.last_error },
            {
              head: t("transaction"),
              cell: (entry) => entry.tx_signature && <TransactionLink of={entry.tx_signature} />,
            },
            {
              head: t("retry"),
              kind: "act",
              cell: (entry) => (
                <Hand
                  of={entry}
                  busy={action.busy}
                  onRetry={() => run(() => api.retry(entry.id))}
                  onPark={setParking}
                />
              ),
            },
          ]}
        />
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

/** What a hand may do with it. */
function Hand({ of: entry, busy, onRetry, onPark }: {
  of: OutboxEntry;
  busy: boolean;
  onRetry: () => void;
  onPark: (entry: OutboxEntry) => void;
}) {
  switch (entry.status) {
    case "parked":
      return (
        <button
          type="button"
          class="quiet small"
          disabled={busy}
          aria-label={fill("retryEntry", String(entry.id))}
          onClick={onRetry}
        >
          {t("retry")}
        </button>
      );
    case "pending":
    case "sent":
      return (
        <button
          type="button"
          class="quiet small"
          aria-label={fill("parkEntry", String(entry.id))}
          onClick={() => onPark(entry)}
        >
          {t("park")}
        </button>
      );
    default:
      return null;
  }
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
