import { useState } from "preact/hooks";
import { api } from "../api/client";
import { watch } from "../api/poll";
import type { DeviceListing, GatewayListing } from "../api/types";
import { count, instant, moment, t } from "../i18n/locale";
import { Card, Empty } from "../ui/Card";
import { shortened } from "../ui/shortened";
import { type Column, Table } from "../ui/Table";
import { useWatched } from "../ui/useWatched";

const EveryMs = 15_000;
const States = ["silent", "unpaired", "revoked", "in_service"] as const;

/** What speaks for the homes, and what is with it. */
export function Gateways() {
  const gateways = useWatched(() => watch((signal) => api.gateways(signal), EveryMs), []).value.value;
  return (
    <Card title={t("gateways")} wide>
      {!gateways || gateways.length === 0 ? <Empty>{t(gateways ? "noGateways" : "loading")}</Empty> : (
        <Table name={t("gateways")} rows={gateways} keyOf={(each) => each.gateway} columns={gatewayColumns()} />
      )}
      <Devices />
    </Card>
  );
}

const gatewayColumns = (): Column<GatewayListing>[] => [
  {
    head: t("gateway"),
    cell: ({ name, gateway, health }) => (
      <>
        {name} <small class="mono" title={gateway}>{shortened(gateway)}</small>
        {health?.version && <> <small class="mono">{health.version}</small></>}
      </>
    ),
  },
  { head: t("lastHeard"), cell: ({ health }) => (health ? instant(new Date(health.received_at)) : "–") },
  { head: t("backlog"), kind: "number", cell: ({ health }) => (health ? count(health.backlog) : "–") },
  { head: t("quarantined"), kind: "number", cell: ({ health }) => (health ? count(health.quarantined) : "–") },
  {
    head: t("devicesOnline"),
    kind: "number",
    cell: (each) => <>{count(each.devices_online)} <small>/ {count(each.devices)}</small></>,
  },
  {
    head: t("alarms"),
    cell: ({ health }) => health?.alarms.map((alarm) => <span key={alarm} class="chip rejected">{alarm}</span>),
  },
];

function Devices() {
  const [state, setState] = useState<(typeof States)[number]>("silent");
  const devices = useWatched(() => watch((signal) => api.devices(state, signal), EveryMs), [state]).value.value;
  return (
    <>
      <label class="choice devices">
        <span>{t("devices")}</span>
        <select value={state} onChange={(event) => setState(event.currentTarget.value as typeof state)}>
          {States.map((each) => <option key={each} value={each}>{t(`device_${each}`)}</option>)}
        </select>
      </label>
      {devices && (devices.length === 0 ? <p class="quiet-text">{t("noDevices")}</p> : (
        <Table name={t("devices")} rows={devices} keyOf={(each) => each.device} columns={deviceColumns()} />
      ))}
    </>
  );
}

const deviceColumns = (): Column<DeviceListing>[] => [
  {
    head: t("meter"),
    cell: (each) => <>{each.meter_id} <small class="mono" title={each.device}>{shortened(each.device)}</small></>,
  },
  { head: t("yourName"), cell: (each) => each.owner_name },
  { head: t("zone"), cell: (each) => each.zone },
  { head: t("lastReading"), cell: (each) => (each.last_reading_at ? moment(each.last_reading_at) : "–") },
  {
    head: t("state"),
    cell: (each) => (each.revoked_at
      ? <span class="chip rejected">{t("device_revoked")}</span>
      : each.paired
        ? <span class="chip settled">{t("paired")}</span>
        : <span class="chip">{t("device_unpaired")}</span>),
  },
];
