import { api } from "../api/client";
import type { Reconciliation as Found } from "../api/types";
import { count, fill, t } from "../i18n/locale";
import { AskedCard } from "../ui/AskedCard";

const TimeoutMs = 60_000;

/** Our books beside the chain's, when somebody asks. */
export function Reconciliation() {
  return (
    <AskedCard
      title={t("reconciliation")}
      label={t("compareNow")}
      ask={() => api.reconciliation(AbortSignal.timeout(TimeoutMs))}
      outcome={(found) => <Outcome of={found} />}
    />
  );
}

function Outcome({ of: found }: { of: Found }) {
  return (
    <>
      <p class={found.matches ? "state" : "state bad"}>
        {found.matches
          ? fill("booksMatch", count(found.checked))
          : fill("booksDiffer", count(found.differences.length), count(found.checked))}
      </p>
      {found.pending > 0 && <p><small>{fill("booksPending", count(found.pending))}</small></p>}
      {found.outside.length > 0 && <p><small>{fill("outsideMoves", count(found.outside.length))}</small></p>}
      {found.differences.length > 0 && (
        <div class="scroll" tabIndex={0} role="region" aria-label={t("reconciliation")}>
          <table class="list">
            <thead>
              <tr>
                <th scope="col">{t("what")}</th>
                <th scope="col" class="number">{t("inDatabase")}</th>
                <th scope="col" class="number">{t("onChain")}</th>
              </tr>
            </thead>
            <tbody>
              {found.differences.map((each) => (
                <tr key={each.what}>
                  <td>{each.what}</td>
                  <td class="number">{count(each.database)}</td>
                  <td class="number">{count(each.chain)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
