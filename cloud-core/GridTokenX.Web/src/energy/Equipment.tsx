import { useState } from "preact/hooks";
import { api } from "../api/client";
import { watch } from "../api/poll";
import type { GatewayListing, MadeClaim, Meter } from "../api/types";
import { count, fill, instant, moment, t, time } from "../i18n/locale";
import { Card } from "../ui/Card";
import { Failure, Field } from "../ui/Field";
import { shortened } from "../ui/shortened";
import { Table } from "../ui/Table";
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
    <Table
      name={t("myGateways")}
      rows={gateways}
      keyOf={(each) => each.gateway}
      columns={[
        {
          head: t("gateway"),
          cell: (each) => <>{each.name} <small class="mono" title={each.gateway}>{shortened(each.gateway)}</small></>,
        },
        { head: t("zone"), cell: (each) => each.zone ?? "–" },
        {
          head: t("lastHeard"),
          cell: (each) => (each.health ? instant(new Date(each.health.received_at)) : "–"),
        },
        {
          head: t("devicesOnline"),
          kind: "number",
          cell: (each) => <>{count(each.devices_online)} <small>/ {count(each.devices)}</small></>,
        },
        {
          head: t("pairing"),
          cell: (each) => (each.pairing_until ? fill("pairingUntil", time(each.pairing_until)) : "–"),
        },
        {
          head: t("release"),
          kind: "act",
          cell: (each) => (
            <Sure
              name={fill("releaseGateway", each.name)}
              question={fill("releaseQuestion", each.name)}
              text={t("release")}
              busy={action.busy}
              onSure={() => onRelease(each.gateway)}
            />
          ),
        },
      ]}
    />
  );
}

function Meters({ of: meters, action, onRevoke }: {
  of: readonly Meter[];
  action: Action;
  onRevoke: (meter: string) => void;
}) {
  return (
    <Table
      name={t("myMeters")}
      rows={meters}
      keyOf={(each) => each.meter_id}
      columns={[
        {
          head: t("meter"),
          cell: (each) => <>{each.meter_id} <small class="mono" title={each.device}>{shortened(each.device)}</small></>,
        },
        {
          head: t("gateway"),
          cell: (each) => (each.gateway
            ? <span class="mono" title={each.gateway}>{shortened(each.gateway)}</span> : "–"),
        },
        { head: t("lastReading"), cell: (each) => (each.last_reading_at ? moment(each.last_reading_at) : "–") },
        {
          head: t("state"),
          cell: (each) => (
            <>
              {each.revoked_at
                ? <span class="chip rejected">{t("device_revoked")}</span>
                : each.paired
                  ? <span class="chip settled">{t("paired")}</span>
                  : <span class="chip">{t("device_unpaired")}</span>}
              {!each.paired && each.pairing_code
                && <p>{t("compareCode")} <strong class="mono key">{each.pairing_code}</strong></p>}
            </>
          ),
        },
        {
          head: t("revoke"),
          kind: "act",
          cell: (each) => !each.revoked_at && (
            <Sure
              name={fill("revokeMeter", each.meter_id)}
              question={fill("revokeQuestion", each.meter_id)}
              text={t("revoke")}
              busy={action.busy}
              onSure={() => onRevoke(each.meter_id)}
            />
          ),
        },
      ]}
    />
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
