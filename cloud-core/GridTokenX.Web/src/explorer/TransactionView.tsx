import { watch } from "../api/poll";
import { count, instant, t } from "../i18n/locale";
import { Card, Empty, Stat } from "../ui/Card";
import { useWatched } from "../ui/useWatched";
import type { Chain } from "./chain";
import { type DecodedInstruction, decodeTransaction } from "./decoding";
import { Fields } from "./Fields";
import { Address } from "./links";
import { rpcAt } from "./rpc";

const AgainMs = 15_000;

/** Everything that the chain says of a transaction. */
export function TransactionView({ chain, signature }: { chain: Chain; signature: string }) {
  const asked = useWatched(() => watch(async (signal) => {
    const found = await rpcAt(chain.info.rpc_url, signal).transaction(signature);
    return found ? decodeTransaction(found, chain.programs) : null;
  }, AgainMs), [chain, signature]);
  const found = asked.value.value;
  if (!found) {
    return <Empty>{t(found === null ? "noSuchTransaction" : asked.failure.value ? "chainSilent" : "loading")}</Empty>;
  }

  return (
    <>
      <p class="mono whole">{found.signature}</p>
      <dl class="figures">
        <Stat label={t("outcome")} value={t(found.failure ? "failed" : "succeeded")} />
        <Stat label={t("when")} value={found.time ? instant(found.time) : "–"} />
        <Stat label={t("slot")} value={count(found.slot)} />
        <Stat label={t("computeUnits")} value={found.computeUnits === undefined ? "–" : count(found.computeUnits)} />
        <Stat label={t("networkFee")} value={count(found.fee)} unit="lamports" />
      </dl>
      {found.failure && <p class="problem">{found.failure}</p>}
      <div class="cards">
        {found.events.map((event, index) => (
          <Card key={index} title={`${t("event")} ${event.name}`}><Fields of={event.fields} /></Card>
        ))}
        {found.instructions.map((each, index) => <Instruction key={index} of={each} />)}
        <Card title={t("log")} wide><pre class="log" tabIndex={0} role="region" aria-label={t("log")}>{found.logs.join("\n")}</pre></Card>
      </div>
    </>
  );
}

function Instruction({ of: { program, name, args, accounts, inner } }: { of: DecodedInstruction }) {
  return (
    <Card
      title={name || t("unknownInstruction")}
      aside={<small>{program}{inner && ` · ${t("innerInstruction")}`}</small>}
    >
      {args.length > 0 && <Fields of={args} />}
      <details>
        <summary>{t("accounts")} ({accounts.length})</summary>
        <ol class="values">
          {accounts.map((each, index) => (
            <li key={index}><Address of={each.address} /> <small>{each.name}</small></li>
          ))}
        </ol>
      </details>
    </Card>
  );
}
