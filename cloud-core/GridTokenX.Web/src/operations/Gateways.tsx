import { useState } from "preact/hooks";
import { api } from "../api/client";
import { watch } from "../api/poll";
import type { DeviceListing, GatewayListing } from "../api/types";
import { count, instant, moment, t } from "../i18n/locale";
import { Card, Empty } from "../ui/Card";
import { shortened } from "../ui/shortened";
import { useWatched } from "../ui/useWatched";

const EveryMs = 15_000;
const States = ["silent", "unpaired", "revoked", "in_service"] as const;

/** What speaks for the homes, and what is with it. */
export function Gateways() {
  const gateways = useWatched(() => watch((signal) => api.gateways(signal), EveryMs), []).value.value;
  return (
    <Card title={t("gateways")} wide>
      {!gateways || gateways.length === 0 ? <Empty>{t(gateways ? "noGateways" : "loading")}</Empty> : (
        <div class="scroll" tabIndex={0} role="region" aria-label={t("gateways")}>
          <table class="list">
            <thead>
              <tr>
                <th scope="col">{t("gateway")}</th>
                <th scope="col">{t("lastHeard")}</th>
                <th scope="col" class="number">{t("backlog")}</th>
                <th scope="col" class="number">{t("quarantined")}</th>
                <th scope="col" class="number">{t("devicesOnline")}</th>
                <th scope="col">{t("alarms")}</th>
              </tr>
            </thead>
            <tbody>{gateways.map((each) => <Gateway key={each.gateway} of={each} />)}</tbody>
          </table>
        </div>
      )}
      <Devices />
    </Card>
  );
}

function Gateway({ of: gateway }: { of: GatewayListing }) {
  const { health } = gateway;
  return (
    <tr>
      <td>
        {gateway.name} <small class="mono" title={gateway.gateway}>{shortened(gateway.gateway)}</small>
        {health?.version && <> <small class="mono">{health.version}</small></>}
      </td>
      <td>{health ? instant(new Date(health.received_at)) : "–"}</td>
      <td class="number">{health ? count(health.backlog) : "–"}</td>
      <td class="number">{health ? count(health.quarantined) : "–"}</td>
      <td class="number">{count(gateway.devices_online)} <small>/ {count(gateway.devices)}</small></td>
      <td>{health?.alarms.map((alarm) => <span key={alarm} class="chip rejected">{alarm}</span>)}</td>
    </tr>
  );
}

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
        <div class="scroll" tabIndex={0} role="region" aria-label={t("devices")}>
          <table class="list">
            <thead>
              <tr>
                <th scope="col">{t("meter")}</th>
                <th scope="col">{t("yourName")}</th>
                <th scope="col">{t("zone")}</th>
                <th scope="col">{t("lastReading")}</th>
                <th scope="col">{t("state")}</th>
              </tr>
            </thead>
            <tbody>{devices.map((each) => <Device key={each.device} of={each} />)}</tbody>
          </table>
        </div>
      ))}
    </>
  );
}

function Device({ of: device }: { of: DeviceListing }) {
  return (
    <tr>
      <td>{device.meter_id} <small class="mono" title={device.device}>{shortened(device.device)}</small></td>
      <td>{device.owner_name}</td>
      <td>{device.zone}</td>
      <td>{device.last_reading_at ? moment(device.last_reading_at) : "–"}</td>
      <td>
        {device.revoked_at
          ? <span class="chip rejected">{t("device_revoked")}</span>
          : device.paired
            ? <span class="chip settled">{t("paired")}</span>
            : <span class="chip">{t("device_unpaired")}</span>}
      </td>
    </tr>
  );
}
