import { api } from "../api/client";
import { watch } from "../api/poll";
import { count, fill, instant, t } from "../i18n/locale";
import { AskedCard } from "../ui/AskedCard";
import { Empty } from "../ui/Card";
import { shortened } from "../ui/shortened";
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
        <div class="scroll" tabIndex={0} role="region" aria-label={t("audit")}>
          <table class="list">
            <thead>
              <tr>
                <th scope="col">{t("when")}</th>
                <th scope="col">{t("auditAction")}</th>
                <th scope="col">{t("auditBy")}</th>
                <th scope="col">{t("outcome")}</th>
              </tr>
            </thead>
            <tbody>
              {entries.map((entry) => (
                <tr key={entry.number}>
                  <td class="key">{instant(new Date(entry.at))}</td>
                  <td><code>{entry.action}</code> <br /><small class="mono key">{entry.subject}</small></td>
                  <td class="mono key" title={entry.actor}>{shortened(entry.actor)}</td>
                  <td><small title={entry.detail ?? ""}>{entry.detail && shortest(entry.detail)}</small></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </AskedCard>
  );
}

/** A fingerprint of what was asked is longer than anybody reads. */
const shortest = (detail: string): string => (detail.length > 32 ? `${detail.slice(0, 24)}…` : detail);
