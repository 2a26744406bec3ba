import { useState } from "preact/hooks";
import { api } from "../api/client";
import { watch } from "../api/poll";
import type { GatewayListing, MadeClaim, Meter } from "../api/types";
import { count, fill, instant, moment, t, time } from "../i18n/locale";
import { Card } from "../ui/Card";
import { Failure, Field } from "../ui/Field";
import { shortened } from "../ui/shortened";
import { type Action, useAction } from "../ui/useAction";
import { useWatched } from "../ui/useWatched";

const EveryMs = 10_000;
const DefaultZone = "zone-1";

/** One's gateways and meters: to claim, to let go, to revoke. */
export function Equipment({ meters, onChanged }: {
  meters: readonly Meter[] | undefined;
  onChanged: () => void;
}) {
  const asked = useWatched(() => watch((signal) => api.gateways(signal), EveryMs), []);
  const action = useAction();
  const gateways = asked.value.value;
  return (
    <Card title={t("equipment")} wide>
      <div class="stack">
        <Failure of={action.failure} />
        {gateways && gateways.length > 0 && (
          <Gateways
            of={gateways}
            action={action}
            onRelease={(key) => void action.run(async () => {
              await api.release(key);
              asked.hurry();
            })}
          />
        )}
        {meters && meters.length > 0 && (
          <Meters
            of={meters}
            action={action}
            onRevoke={(meter) => void action.run(async () => {
              await api.revoke(meter);
              onChanged();
            })}
          />
        )}
        <Claim zone={meters?.[0]?.zone ?? DefaultZone} />
      </div>
    </Card>
  );
}

function Gateways({ of: gateways, action, onRelease }: {
  of: readonly GatewayListing[];
  action: Action;
  onRelease: (gateway: string) => void;
}) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={t("myGateways")}>
      <table class="list">
        <thead>
          <tr>
            <th scope="col">{t("gateway")}</th>
            <th scope="col">{t("zone")}</th>
            <th scope="col">{t("lastHeard")}</th>
            <th scope="col" class="number">{t("devicesOnline")}</th>
            <th scope="col">{t("pairing")}</th>
            <th scope="col"><span class="unseen">{t("release")}</span></th>
          </tr>
        </thead>
        <tbody>
          {gateways.map((each) => (
            <tr key={each.gateway}>
              <td>{each.name} <small class="mono" title={each.gateway}>{shortened(each.gateway)}</small></td>
              <td>{each.zone ?? "–"}</td>
              <td>{each.health ? instant(new Date(each.health.received_at)) : "–"}</td>
              <td class="number">{count(each.devices_online)} <small>/ {count(each.devices)}</small></td>
              <td>{each.pairing_until ? fill("pairingUntil", time(each.pairing_until)) : "–"}</td>
              <td class="number">
                <Sure
                  name={fill("releaseGateway", each.name)}
                  question={fill("releaseQuestion", each.name)}
                  text={t("release")}
                  busy={action.busy}
                  onSure={() => onRelease(each.gateway)}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Meters({ of: meters, action, onRevoke }: {
  of: readonly Meter[];
  action: Action;
  onRevoke: (meter: string) => void;
}) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={t("myMeters")}>
      <table class="list">
        <thead>
          <tr>
            <th scope="col">{t("meter")}</th>
            <th scope="col">{t("gateway")}</th>
            <th scope="col">{t("lastReading")}</th>
            <th scope="col">{t("state")}</th>
            <th scope="col"><span class="unseen">{t("revoke")}</span></th>
          </tr>
        </thead>
        <tbody>
          {meters.map((each) => (
            <tr key={each.meter_id}>
              <td>{each.meter_id} <small class="mono" title={each.device}>{shortened(each.device)}</small></td>
              <td class="mono" title={each.gateway ?? ""}>{each.gateway ? shortened(each.gateway) : "–"}</td>
              <td>{each.last_reading_at ? moment(each.last_reading_at) : "–"}</td>
              <td>
                {each.revoked_at
                  ? <span class="chip rejected">{t("device_revoked")}</span>
                  : each.paired
                    ? <span class="chip settled">{t("paired")}</span>
                    : <span class="chip">{t("device_unpaired")}</span>}
                {!each.paired && each.pairing_code
                  && <p>{t("compareCode")} <strong class="mono">{each.pairing_code}</strong></p>}
              </td>
              <td class="number">
                {!each.revoked_at && (
                  <Sure
                    name={fill("revokeMeter", each.meter_id)}
                    question={fill("revokeQuestion", each.meter_id)}
                    text={t("revoke")}
                    busy={action.busy}
                    onSure={() => onRevoke(each.meter_id)}
                  />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A button that asks before it does what cannot be undone. */
function Sure({ name, question, text, busy, onSure }: {
  name: string;
  question: string;
  text: string;
  busy: boolean;
  onSure: () => void;
}) {
  const [asks, setAsks] = useState(false);
  return asks ? (
    <span class="row end" role="group" aria-label={question}>
      <span>{question}</span>
      <button type="button" class="quiet small" onClick={() => setAsks(false)}>{t("cancel")}</button>
      <button
        type="button"
        class="small sell"
        disabled={busy}
        onClick={() => {
          setAsks(false);
          onSure();
        }}
      >
        {t("yes")}
      </button>
    </span>
  ) : (
    <button type="button" class="quiet small" aria-label={name} disabled={busy} onClick={() => setAsks(true)}>
      {text}
    </button>
  );
}

/** For whoever stands at a new gateway; the code is shown once. */
function Claim({ zone }: { zone: string }) {
  const action = useAction();
  const [name, setName] = useState("");
  const [place, setPlace] = useState(zone);
  const [made, setMade] = useState<MadeClaim | undefined>(undefined);
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void action.run(async () => setMade(await api.claim(name.trim(), place.trim())));
      }}
    >
      <p class="quiet-text">{t("claimHow")}</p>
      <div class="pair">
        <Field label={t("gatewayName")} maxLength={80} required value={name} onInput={setName} />
        <Field label={t("zone")} maxLength={32} required value={place} onInput={setPlace} />
      </div>
      <Failure of={action.failure} />
      <div role="status">
        {made && (
          <p class="code-shown">
            <strong class="mono">{made.code}</strong> <small>{fill("claimUntil", time(made.expires_at))}</small>
          </p>
        )}
      </div>
      <button type="submit" disabled={action.busy || name.trim() === "" || place.trim() === ""}>
        {t("makeClaim")}
      </button>
    </form>
  );
}
