import { useState } from "preact/hooks";
import { ownOrders, ownSettlements } from "../api/channels";
import { api } from "../api/client";
import { watch } from "../api/poll";
import type { Mint, Order, Settlement } from "../api/types";
import { kwh, moment, money, t } from "../i18n/locale";
import { TransactionLink } from "../explorer/links";
import { Baht } from "../ui/Baht";
import { Card, Empty } from "../ui/Card";
import { csv, save } from "../ui/save";
import { useChanged } from "../ui/useChanged";
import { useFollowed } from "../ui/useFollowed";
import { useWatched } from "../ui/useWatched";

interface Entry {
  readonly key: string;
  readonly at: string;
  readonly kind: "minted" | "sold" | "bought" | `${"escrowed" | "closed"}_${Order["side"]}`;
  readonly note?: "inEscrowNow" | "escrowReturned";
  readonly energyKwh: number;
  /** What came in or, below zero, went out; null where no money changed hands. */
  readonly grx: number | null;
  readonly status: "pending" | "completed" | "failed";
  readonly signature: string | null;
}

const EveryMs = 20_000;
const ShownAtFirst = 12;

/** Minted, put into escrow, sold, bought and given back, the newest first, each with the transaction that proves it. */
export function History() {
  const settlements = useFollowed(ownSettlements, []);
  const orders = useFollowed(ownOrders, []);
  const mints = useWatched(() => watch((signal) => api.mints(signal), EveryMs), []);
  useChanged(() => mints.hurry(), settlements.items.value);
  const [shown, setShown] = useState(ShownAtFirst);
  const known = settlements.items.value !== undefined && orders.items.value !== undefined
    && mints.value.value !== undefined;
  const entries = [
    ...(mints.value.value ?? []).map(ofMint),
    ...(settlements.items.value ?? []).map(ofSettlement),
    ...(orders.items.value ?? []).flatMap(ofOrder),
  ].sort((left, right) => right.at.localeCompare(left.at));
  return (
    <Card
      title={t("history")}
      wide
      aside={(
        <button
          type="button"
          class="quiet small"
          disabled={entries.length === 0}
          onClick={() => save("history.csv", asCsv(entries))}
        >
          {t("asCsv")}
        </button>
      )}
    >
      {entries.length === 0 ? <Empty>{t(known ? "noHistory" : "loading")}</Empty> : (
        <div class="scroll" tabIndex={0} role="region" aria-label={t("history")}>
          <table class="list">
            <thead>
              <tr>
                <th scope="col">{t("when")}</th>
                <th scope="col">{t("what")}</th>
                <th scope="col" class="number">{t("energyKwh")} <small>kWh</small></th>
                <th scope="col" class="number">{t("money")} <small>GRX</small></th>
                <th scope="col">{t("proof")}</th>
              </tr>
            </thead>
            <tbody>{entries.slice(0, shown).map((entry) => <Row key={entry.key} of={entry} />)}</tbody>
          </table>
          {entries.length > shown && (
            <button type="button" class="link" onClick={() => setShown(shown * 4)}>{t("showMore")}</button>
          )}
        </div>
      )}
    </Card>
  );
}

function Row({ of: entry }: { of: Entry }) {
  return (
    <tr>
      <td>{moment(entry.at)}</td>
      <td>{t(entry.kind)}{entry.note && <small> {t(entry.note)}</small>}</td>
      <td class="number">{kwh(entry.energyKwh)}</td>
      <td class="number">
        {entry.grx !== null && <>{money(entry.grx)} <Baht grx={entry.grx} /></>}
      </td>
      <td>
        {entry.status === "failed" && <span class="chip rejected">{t("failedTrade")}</span>}
        {entry.signature && entry.status === "completed" && <TransactionLink of={entry.signature} />}
        {entry.status === "pending" && <span class="chip">{t("pendingProof")}</span>}
      </td>
    </tr>
  );
}

const ofMint = (mint: Mint): Entry => ({
  key: mint.mint_id,
  at: mint.completed_at ?? mint.created_at,
  kind: "minted",
  energyKwh: mint.amount_kwh,
  grx: null,
  status: mint.status,
  signature: mint.tx_signature,
});

const ofSettlement = (settlement: Settlement): Entry => ({
  key: settlement.settlement_id,
  at: settlement.completed_at ?? settlement.created_at,
  kind: settlement.direction,
  energyKwh: settlement.amount_kwh,
  grx: settlement.direction === "sold" ? settlement.net_grx : -settlement.total_grx,
  status: settlement.status,
  signature: settlement.tx_signature,
});

/** Its escrow and, once it has ended, what became of the rest; only what the chain has seen. */
const ofOrder = (order: Order): Entry[] => (order.proofs ?? []).map(({ step, tx_signature, at }) => ({
  key: `${order.order_id}-${step}`,
  at,
  kind: `${step}_${order.side}`,
  note: step === "escrowed" ? "inEscrowNow" : "escrowReturned",
  energyKwh: step === "escrowed" ? order.amount_kwh : order.remaining_kwh,
  grx: null,
  status: "completed",
  signature: tx_signature,
}));

const asCsv = (entries: readonly Entry[]): Blob => csv([
  ["time", "what", "energy_kwh", "grx", "status", "signature"],
  ...entries.map((each) =>
    [each.at, each.kind, each.energyKwh, each.grx ?? 0, each.status, each.signature ?? ""] as const),
]);
