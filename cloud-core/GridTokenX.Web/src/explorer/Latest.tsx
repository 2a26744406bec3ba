import { watch } from "../api/poll";
import { count, instant, t } from "../i18n/locale";
import { Card, Empty, Stat } from "../ui/Card";
import { Table } from "../ui/Table";
import { useWatched } from "../ui/useWatched";
import type { Chain } from "./chain";
import { decodeTransaction, type DecodedTransaction } from "./decoding";
import { Address, TransactionLink } from "./links";
import { type Rpc, rpcAt } from "./rpc";

const Shown = 25;
const EveryMs = 5_000;

/** The newest transactions of our programs, and how much of both tokens there is. */
export function Latest({ chain }: { chain: Chain }) {
  const supplies = useWatched(() => watch(async (signal) => {
    const rpc = rpcAt(chain.info.rpc_url, signal);
    const [grid, grx] = await Promise.all([rpc.supply(chain.info.grid_mint), rpc.supply(chain.info.grx_mint)]);
    return { grid, grx };
  }, EveryMs), [chain]);
  const known = new Map<string, DecodedTransaction>();
  const latest = useWatched(
    () => watch((signal) => newest(rpcAt(chain.info.rpc_url, signal), chain, known), EveryMs), [chain]);
  const list = latest.value.value;
  return (
    <>
      <dl class="figures">
        <Stat label={t("gridSupply")} value={supplies.value.value?.grid ?? "–"} unit="GRID" />
        <Stat label={t("grxSupply")} value={supplies.value.value?.grx ?? "–"} unit="GRX" />
      </dl>
      <Card title={t("latestTransactions")} wide>
        {list === undefined || list.length === 0
          ? <Empty>{t(list ? "noTransactions" : latest.failure.value ? "chainSilent" : "loading")}</Empty>
          : (
            <Table
              name={t("latestTransactions")}
              rows={list}
              keyOf={(each) => each.signature}
              columns={[
                { head: t("transaction"), cell: (each) => <TransactionLink of={each.signature} /> },
                { head: t("instructions"), cell: namesOf },
                { head: t("when"), cell: (each) => (each.time ? instant(each.time) : each.slot) },
                {
                  head: t("computeUnits"),
                  kind: "number",
                  cell: (each) => (each.computeUnits === undefined ? "–" : count(each.computeUnits)),
                },
              ]}
            />
          )}
      </Card>
      <Card title={t("programs")} wide>
        <dl class="facts">
          {chain.programs.map(({ address, idl }) => (
            <>
              <dt>{idl.metadata.name}</dt>
              <dd><Address of={address} /> <small>{idl.metadata.description}</small></dd>
            </>
          ))}
          <dt>{t("market")}</dt><dd><Address of={chain.info.market} /></dd>
          <dt>GRID</dt><dd><Address of={chain.info.grid_mint} /></dd>
          <dt>GRX</dt><dd><Address of={chain.info.grx_mint} /></dd>
          <dt>RPC</dt><dd class="mono">{chain.info.rpc_url}</dd>
        </dl>
      </Card>
    </>
  );
}

function namesOf(transaction: DecodedTransaction) {
  const names = transaction.instructions.filter((each) => !each.inner && each.name).map((each) => each.name);
  return (
    <>
      {[...new Set(names)].map((name) => <code key={name}>{name}</code>)}
      {transaction.failure && <span class="bad">{t("failed")}</span>}
    </>
  );
}

async function newest(rpc: Rpc, chain: Chain, known: Map<string, DecodedTransaction>): Promise<DecodedTransaction[]> {
  const lists = await Promise.all(chain.programs.map((program) => rpc.signatures(program.address, Shown)));
  const slots = new Map(lists.flat().map((each) => [each.signature, each.slot]));
  const signatures = [...slots]
    .sort((left, right) => right[1] - left[1]).slice(0, Shown).map(([signature]) => signature);
  for (const gone of [...known.keys()].filter((signature) => !slots.has(signature))) {
    known.delete(gone);
  }

  await Promise.all(signatures.filter((signature) => !known.has(signature)).map(async (signature) => {
    const found = await rpc.transaction(signature);
    if (found) {
      known.set(signature, decodeTransaction(found, chain.programs));
    }
  }));
  return signatures.flatMap((signature) => known.get(signature) ?? []);
}
