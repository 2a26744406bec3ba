import { api } from "../api/client";
import { watch } from "../api/poll";
import { count, fill, instant, t } from "../i18n/locale";
import { AskedCard } from "../ui/AskedCard";
import { Empty } from "../ui/Card";
import { shortened } from "../ui/shortened";
import { Table } from "../ui/Table";
import { useWatched } from "../ui/useWatched";

const EveryMs = 5_000;
const Shown = 12;

/** What was done by the right of an operator, the newest first; whether nothing of it was changed since. */
export function Audit() {
  const entries = useWatched(() => watch((signal) => api.audit(Shown, signal), EveryMs), []).value.value;
  return (
    <AskedCard
      title={t("audit")}
      label={t("auditVerify")}
      ask={() => api.verifyAudit()}
      outcome={(report) => (
        <p class={report.intact ? "state" : "state bad"}>
          {report.intact
            ? fill("auditIntact", count(report.entries))
            : fill("auditBroken", count(report.broken_at ?? 0))}
        </p>
      )}
    >
      {!entries || entries.length === 0 ? <Empty>{t(entries ? "noAudit" : "loading")}</Empty> : (
        <Table
          name={t("audit")}
          rows={entries}
          keyOf={(entry) => entry.number}
          columns={[
            { head: t("when"), cell: (entry) => <span class="key">{instant(new Date(entry.at))}</span> },
            {
              head: t("auditAction"),
              cell: (entry) => <><code>{entry.action}</code> <br /><small class="mono">{entry.subject}</small></>,
            },
            {
              head: t("auditBy"),
              cell: (entry) => <span class="mono key" title={entry.actor}>{shortened(entry.actor)}</span>,
            },
            {
              head: t("outcome"),
              cell: (entry) => entry.detail && <small title={entry.detail}>{shortest(entry.detail)}</small>,
            },
          ]}
        />
      )}
    </AskedCard>
  );
}

/** A fingerprint of what was asked is longer than anybody reads. */
const shortest = (detail: string): string => (detail.length > 32 ? `${detail.slice(0, 24)}…` : detail);
