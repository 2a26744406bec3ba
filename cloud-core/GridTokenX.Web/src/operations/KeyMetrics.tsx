import { useMemo } from "preact/hooks";
import { api } from "../api/client";
import { watch } from "../api/poll";
import { rpcAt } from "../explorer/rpc";
import { count, kwh, money, share, t } from "../i18n/locale";
import { Card, Empty } from "../ui/Card";
import { useWatched } from "../ui/useWatched";
import { mean, type Sample, samplesOf, total } from "./metrics";

const EveryMs = 10_000;
const Listed = 500;
const LeastSlots = 10;

/** What is to be watched: of the chain, of trading, of the system. */
export function KeyMetrics() {
  const pace = useMemo(slotPace, []);
  const asked = useWatched(() => watch(async (signal) => {
    const chain = await api.chain(signal);
    const rpc = rpcAt(chain.rpc_url, signal);
    const [text, report, orders, epochs, grid, slot] = await Promise.all([
      api.metrics(signal), api.report(signal), api.openOrders(Listed, signal), api.epochs(undefined, 96, signal),
      rpc.supply(chain.grid_mint), rpc.slot(),
    ]);
    const prices = epochs.flatMap((epoch) => [epoch.low_price, epoch.high_price]).filter((each) => each !== null);
    const { value_ugrx: value, completed } = report.settlements;
    return {
      samples: samplesOf(text),
      grid,
      blockMs: pace(slot, performance.now()),
      open: orders.length,
      average: completed > 0 ? value / completed / 1e6 : undefined,
      least: prices.length > 0 ? Math.min(...prices) : undefined,
      most: prices.length > 0 ? Math.max(...prices) : undefined,
    };
  }, EveryMs), []);
  const found = asked.value.value;
  if (!found) {
    return <Card title={t("keyMetrics")} wide><Empty>{t("loading")}</Empty></Card>;
  }

  const rows: readonly (readonly [string, string])[] = [
    [t("blockTime"), found.blockMs === undefined ? "–" : `${count(Math.round(found.blockMs))} ms`],
    [t("gridSupply"), `${kwh(Number(found.grid))} GRID`],
    [t("openOrders"), found.open === Listed ? `≥ ${count(Listed)}` : count(found.open)],
    [t("averageTrade"), found.average === undefined ? "–" : `${money(found.average)} GRX`],
    [
      t("price"),
      found.least === undefined || found.most === undefined
        ? "–" : `${money(found.least)} – ${money(found.most)} GRX/kWh`,
    ],
    [t("apiResponse"), milliseconds(mean(found.samples, "gtx_request_seconds"))],
    [t("apiErrors"), errors(found.samples)],
    [t("databaseCommit"), milliseconds(mean(found.samples, "gtx_commit_seconds"))],
  ];
  return (
    <Card title={t("keyMetrics")} wide>
      <dl class="facts">{rows.map(([name, value]) => <><dt>{name}</dt><dd>{value}</dd></>)}</dl>
      <details>
        <summary>{t("allMetrics")}</summary>
        <div class="scroll" tabIndex={0} role="region" aria-label={t("allMetrics")}>
          <table class="list">
            <thead><tr><th scope="col">{t("metric")}</th><th scope="col" class="number">{t("value")}</th></tr></thead>
            <tbody>
              {found.samples.filter((each) => !each.name.endsWith("_bucket")).map((each) => (
                <tr key={each.name + each.labels}>
                  <td><code>{each.name}</code> <small>{each.labels}</small></td>
                  <td class="number">{count(each.value)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </Card>
  );
}

/**
 * Milliseconds a slot, by this device's own clock since the first look; undefined until enough of them have passed. The
 * chain's time stamps tell nothing of it: in a simulation they are market time.
 */
function slotPace(): (slot: number, at: number) => number | undefined {
  let first: { slot: number; at: number } | undefined;
  return (slot, at) => {
    if (first === undefined || slot < first.slot) {
      first = { slot, at };
    }

    return slot - first.slot >= LeastSlots ? (at - first.at) / (slot - first.slot) : undefined;
  };
}

const milliseconds = (seconds: number | undefined): string =>
  seconds === undefined ? "–" : `${(seconds * 1000).toFixed(1)} ms`;

function errors(samples: readonly Sample[]): string {
  const all = total(samples, "gtx_request_seconds_count");
  const bad = total(samples, "gtx_request_seconds_count", 'status="5xx"');
  return all > 0 ? `${count(bad)} (${share(bad / all)})` : "–";
}
