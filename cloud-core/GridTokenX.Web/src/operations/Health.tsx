import { useState } from "preact/hooks";
import { api } from "../api/client";
import { watch } from "../api/poll";
import type { OperationsHealth } from "../api/types";
import { count, isText, moment, t } from "../i18n/locale";
import { Card, Empty } from "../ui/Card";
import { Choice, Failure, Field } from "../ui/Field";
import { useAction } from "../ui/useAction";
import { useWatched } from "../ui/useWatched";

const EveryMs = 5_000;

/** Every part, and the switch that refuses new orders. */
export function Health() {
  const asked = useWatched(() => watch((signal) => api.health(signal), EveryMs), []);
  const found = asked.value.value;
  const bad = asked.failure.value !== undefined || (found !== undefined && found.status !== "healthy");
  return (
    <>
      <Card
        title={t("health")}
        aside={<p class={bad ? "state bad" : "state"} role="status">{t(bad ? "unhealthy" : "healthy")}</p>}
      >
        {found ? <Parts of={found} /> : <Empty>{t("loading")}</Empty>}
      </Card>
      {found && <Maintenance of={found.maintenance} onChanged={() => asked.hurry()} />}
    </>
  );
}

function Parts({ of: found }: { of: OperationsHealth }) {
  return (
    <dl class="facts parts">
      {found.parts.map((part) => (
        <>
          <dt>{part.name}</dt>
          <dd>
            <span class={part.status === "healthy" ? "chip settled" : "chip rejected"}>{status(part.status)}</span>{" "}
            <small>{part.detail}</small>
          </dd>
        </>
      ))}
      <dt>{t("liveClients")}</dt><dd>{count(found.live_clients)}</dd>
    </dl>
  );
}

function Maintenance({ of: now, onChanged }: { of: OperationsHealth["maintenance"]; onChanged: () => void }) {
  const action = useAction();
  const [wanted, setWanted] = useState<"off" | "on">(now.enabled ? "on" : "off");
  const [reason, setReason] = useState(now.reason ?? "");
  const isSame = (wanted === "on") === now.enabled && reason === (now.reason ?? "");
  return (
    <Card
      title={t("maintenance")}
      aside={now.enabled ? <span class="chip rejected">{t("maintenanceOn")}</span> : undefined}
    >
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void action.run(async () => {
            await api.setMaintenance(wanted === "on", wanted === "on" ? reason.trim() || null : null);
            onChanged();
          });
        }}
      >
        <p class="quiet-text">{t("maintenanceHow")}</p>
        <Choice
          label={t("newOrders")}
          value={wanted}
          choices={[{ value: "off", text: t("ordersTaken") }, { value: "on", text: t("ordersRefused") }]}
          onChange={setWanted}
        />
        {wanted === "on" && <Field label={t("reason")} maxLength={200} value={reason} onInput={setReason} />}
        {now.since && <small>{moment(now.since)}{now.reason && ` · ${now.reason}`}</small>}
        <Failure of={action.failure} />
        <button type="submit" disabled={action.busy || isSame}>
          {t("apply")}
        </button>
      </form>
    </Card>
  );
}

function status(of: string): string {
  const key = `health_${of}`;
  return isText(key) ? t(key) : of;
}
