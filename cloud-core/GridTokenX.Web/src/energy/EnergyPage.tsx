import { session, restoring, user } from "../account/session";
import { ownSettlements } from "../api/channels";
import { api } from "../api/client";
import { watch } from "../api/poll";
import { count, fill, kwh, money, t } from "../i18n/locale";
import { OwnOrders } from "../trade/OwnOrders";
import { Baht } from "../ui/Baht";
import { Empty, Stat } from "../ui/Card";
import { useFollowed } from "../ui/useFollowed";
import { useWatched } from "../ui/useWatched";
import { useChanged } from "../ui/useChanged";
import { Equipment } from "./Equipment";
import { History } from "./History";
import { Locks } from "./Locks";
import { Readings } from "./Readings";
import { Standing } from "./Standing";

const EveryMs = 10_000;
const OwnShown = 10;

export default function EnergyPage() {
  if (!user.value) {
    return (
      <Empty>
        {t(restoring.value ? "loading" : "signInFirst")}
        {!restoring.value && (
          <><br /><a class="button" href="/sign-in">{t(session.value ? "register" : "signIn")}</a></>
        )}
      </Empty>
    );
  }

  return <OwnEnergy key={user.value.id} />;
}

function OwnEnergy() {
  const balances = useWatched(() => watch((signal) => api.balances(signal), EveryMs), []);
  const carbon = useWatched(() => watch((signal) => api.carbon(signal), EveryMs), []);
  const meters = useWatched(() => watch((signal) => api.meters(signal), EveryMs), []);
  const settlements = useFollowed(ownSettlements, []);
  useChanged(() => { balances.hurry(); carbon.hurry(); }, settlements.items.value);
  const held = balances.value.value;
  const saved = carbon.value.value;
  const minted = meters.value.value?.reduce((sum, meter) => sum + Math.round(meter.minted_kwh * 1000), 0);
  return (
    <div class="own">
      <div class="title">
        <h1>{t("energy")}</h1>
        <Standing />
      </div>
      <dl class="figures">
        <Stat label={t("energyTokens")} value={held ? kwh(held.grid) : "–"} unit="GRID">
          {held && held.escrowed_grid > 0 && <small>{fill("inEscrow", kwh(held.escrowed_grid))}</small>}
        </Stat>
        <Stat label={t("money")} value={held ? money(held.grx) : "–"} unit="GRX">
          {held && <Baht grx={held.grx} />}
          {held && held.escrowed_grx > 0 && <small> {fill("inEscrow", money(held.escrowed_grx))}</small>}
        </Stat>
        <Stat label={t("mintedInAll")} value={minted === undefined ? "–" : kwh(minted / 1000)} unit="GRID" />
        <Stat label={t("carbonSaved")} value={saved ? count(saved.credited_grams / 1000) : "–"} unit="kg">
          {saved && saved.pending_grams > 0 && (
            <small>{fill("carbonPending", count(saved.pending_grams / 1000))}</small>
          )}
        </Stat>
      </dl>
      <div class="cards">
        <Readings meters={meters.value.value} />
        <OwnOrders shown={OwnShown} />
        <History />
        <Locks />
        <Equipment meters={meters.value.value} onChanged={() => meters.hurry()} />
      </div>
    </div>
  );
}
