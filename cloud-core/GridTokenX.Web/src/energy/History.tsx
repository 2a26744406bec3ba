import { useState } from "preact/hooks";
import { ownOrders, ownSettlements } from "../api/channels";
import { api } from "../api/client";
import { watch } from "../api/poll";
import type { Mint, Order, Settlement } from "../api/types";
import { kwh, moment, money, t } from "../i18n/locale";
import { TransactionLink } from "../explorer/links";
import { Baht } from "../ui/Baht";
import { Card, Empty } from "../ui/Card";
import { Failure } from "../ui/Field";
import { csv, save } from "../ui/save";
import { Table } from "../ui/Table";
import { useAction } from "../ui/useAction";
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
const TimeoutMs = 120_000;
const ShownAtFirst = 12;

/** Minted, put into escrow, sold, bought and given back, the newest first, each with the transaction that proves it. */
export function History() {
  const settlements = useFollowed(ownSettlements, []);
  const orders = useFollowed(ownOrders, []);
  const mints = useWatched(() => watch((signal) => api.mints(signal), EveryMs), []);
  useChanged(() => mints.hurry(), settlements.items.value);
  const action = useAction();
  const [shown, setShown] = useState(ShownAtFirst);
  const known = settlements.items.value !== undefined && orders.items.value !== undefined
    && mints.value.value !== undefined;
  const entries = entriesOf(mints.value.value ?? [], settlements.items.value ?? [], orders.items.value ?? []);
  return (
    <Card
      title={t("history")}
      wide
      aside={(
        <button
          type="button"
          class="quiet small"
          disabled={action.busy || entries.length === 0}
          onClick={() => void action.run(async () => save("history.csv", asCsv(await everything())))}
        >
          {t("asCsv")}
        </button>
      )}
    >
      <Failure of={action.failure} />
      {entries.length === 0 ? <Empty>{t(known ? "noHistory" : "loading")}</Empty> : (
        <>
          <Table
            name={t("history")}
            rows={entries.slice(0, shown)}
            keyOf={(entry) => entry.key}
            columns={[
              {
                head: t("what"),
                cell: (entry) => <>{t(entry.kind)}{entry.note && <small> {t(entry.note)}</small>}</>,
              },
              { head: t("when"), cell: (entry) => moment(entry.at) },
              { head: t("energyKwh"), unit: "kWh", kind: "number", cell: (entry) => kwh(entry.energyKwh) },
              {
                head: t("money"),
                unit: "GRX",
                kind: "number",
                cell: (entry) => entry.grx !== null && <>{money(entry.grx)} <Baht grx={entry.grx} /></>,
              },
              { head: t("proof"), cell: proofOf },
            ]}
          />
          {entries.length > shown && (
            <button type="button" class="link" onClick={() => setShown(shown * 4)}>{t("showMore")}</button>
          )}
        </>
      )}
    </Card>
  );
}

const proofOf = (entry: Entry) => (
  <>
    {entry.status === "failed" && <span class="chip rejected">{t("failedTrade")}</span>}
    {entry.signature && entry.status === "completed" && <TransactionLink of={entry.signature} />}
    {entry.status === "pending" && <span class="chip">{t("pendingProof")}</span>}
  </>
);

const entriesOf = (
  mints: readonly Mint[], settlements: readonly Settlement[], orders: readonly Order[],
): Entry[] => [...mints.map(ofMint), ...settlements.map(ofSettlement), ...orders.flatMap(ofOrder)]
  .sort((left, right) => right.at.localeCompare(left.at));

/** What is shown is the newest; a file has all. */
async function everything(): Promise<Entry[]> {
  const signal = AbortSignal.timeout(TimeoutMs);
  return entriesOf(...await Promise.all([api.allMints(signal), api.allSettlements(signal), api.allOrders(signal)]));
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
    [each.at, each.kind, each.energyKwh, each.grx ?? "", each.status, each.signature ?? ""] as const),
]);
