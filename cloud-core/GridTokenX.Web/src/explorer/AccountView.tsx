import { watch } from "../api/poll";
import { count, instant, t } from "../i18n/locale";
import { Card, Empty, Stat } from "../ui/Card";
import { useWatched } from "../ui/useWatched";
import type { Chain } from "./chain";
import { decodeAccount } from "./decoding";
import { Fields } from "./Fields";
import { knownPrograms } from "./idl";
import { Address, TransactionLink } from "./links";
import { rpcAt } from "./rpc";

const AgainMs = 5_000;
const Shown = 25;

/** An account as it stands now, and the transactions that touched it. */
export function AccountView({ chain, address }: { chain: Chain; address: string }) {
  const asked = useWatched(() => watch(async (signal) => {
    const rpc = rpcAt(chain.info.rpc_url, signal);
    const [account, signatures] = await Promise.all([rpc.account(address), rpc.signatures(address, Shown)]);
    return { account, decoded: account ? decodeAccount(account, chain.programs) : undefined, signatures };
  }, AgainMs), [chain, address]);
  const found = asked.value.value;
  if (!found) {
    return <Empty>{t(asked.failure.value ? "chainSilent" : "loading")}</Empty>;
  }

  const { account, decoded, signatures } = found;
  const owner = account && (chain.programs.find((program) => program.address === account.owner)?.idl.metadata.name
    ?? knownPrograms[account.owner]);
  return (
    <>
      <p class="mono whole">{address}</p>
      {account
        ? (
          <dl class="figures">
            <Stat label={t("accountOwner")} value={owner ?? `${account.owner.slice(0, 8)}…`} />
            <Stat label={t("lamports")} value={count(account.lamports)} />
          </dl>
        )
        : <p>{t("noSuchAccount")}</p>}
      <div class="cards">
        {decoded && <Card title={decoded.name} wide><Fields of={decoded.fields} /></Card>}
        <Card title={t("latestTransactions")} wide>
          {signatures.length === 0 ? <Empty>{t("noTransactions")}</Empty> : (
            <ul class="lines">
              {signatures.map((each) => (
                <li key={each.signature}>
                  <TransactionLink of={each.signature} />{" "}
                  <small>{each.blockTime ? instant(new Date(each.blockTime * 1000)) : `${t("slot")} ${each.slot}`}</small>
                  {each.err !== null && <span class="bad"> {t("failed")}</span>}
                </li>
              ))}
            </ul>
          )}
        </Card>
        {account && <Card title={t("accountOwner")} wide><Address of={account.owner} /></Card>}
      </div>
    </>
  );
}
