import type { Fairness } from "../api/types";
import { kwh, t } from "../i18n/locale";

/** Where the zone's energy came from and went to, in one quarter hour; each bar as long as its share of the largest. */
export function Flow({ of: measured }: { of: Fairness }) {
  const produced = measured.produced_kwh ?? 0;
  const consumed = measured.consumed_kwh ?? 0;
  const shared = Math.min(produced, consumed, consumed * (measured.self_sufficiency ?? 0));
  const flows = [
    { text: t("flowShared"), kwh: shared, kind: "shared" },
    { text: t("flowSurplus"), kwh: produced - shared, kind: "surplus" },
    { text: t("flowGrid"), kwh: consumed - shared, kind: "grid" },
  ];
  const most = Math.max(0.001, ...flows.map((flow) => flow.kwh));
  return (
    <dl class="flow">
      {flows.map((flow) => (
        <div key={flow.kind} class={flow.kind} style={{ "--part": flow.kwh / most }}>
          <dt>{flow.text}</dt>
          <dd>{kwh(flow.kwh)} <small>kWh</small></dd>
        </div>
      ))}
    </dl>
  );
}
