import { api } from "../api/client";
import { watch } from "../api/poll";
import { t } from "../i18n/locale";
import { route } from "../shell/router";
import { Empty } from "../ui/Card";
import { Simulated } from "../ui/Simulated";
import { useWatched } from "../ui/useWatched";
import { AccountView } from "./AccountView";
import { type Chain, chainOf } from "./chain";
import { Latest } from "./Latest";
import { Search } from "./Search";
import { TransactionView } from "./TransactionView";

const AgainMs = 60_000;

export default function ExplorerPage() {
  const chain = useWatched(() => watch(async (signal) => chainOf(await api.chain(signal)), AgainMs), []);
  const found = chain.value.value;
  return (
    <div class="explorer">
      <div class="title">
        <h1>{t("explorer")}</h1>
        <Simulated />
        <Search />
      </div>
      {found ? <Place chain={found} /> : <Empty>{t(chain.failure.value ? "retrying" : "loading")}</Empty>}
    </div>
  );
}

function Place({ chain }: { chain: Chain }) {
  const [, , kind, name] = route.value.split("/");
  switch (kind) {
    case "tx":
      return <TransactionView key={name} chain={chain} signature={name ?? ""} />;
    case "account":
      return <AccountView key={name} chain={chain} address={name ?? ""} />;
    default:
      return <Latest chain={chain} />;
  }
}
