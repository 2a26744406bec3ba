import type { ComponentChildren } from "preact";
import { epochsOf } from "../api/channels";
import { api } from "../api/client";
import { watch } from "../api/poll";
import type { Fairness } from "../api/types";
import { count, fill, kwh, share, t } from "../i18n/locale";
import { OfZone } from "../shell/ZoneChoice";
import { Card, Empty, Stat } from "../ui/Card";
import { useChanged } from "../ui/useChanged";
import { useFollowed } from "../ui/useFollowed";
import { useWatched } from "../ui/useWatched";
import { DayPlot } from "./DayPlot";
import { Flow } from "./Flow";

const EveryMs = 15_000;
const EpochsOfADay = 96;

export default function NeighbourhoodPage() {
  return <OfZone>{(zone, choice) => <Zone key={zone} zone={zone} choice={choice} />}</OfZone>;
}

function Zone({ zone, choice }: { zone: string; choice: ComponentChildren }) {
  const now = useWatched(() => watch((signal) => api.neighbourhood(zone, signal), EveryMs), [zone]);
  const day = useWatched(() => watch((signal) => api.epochs(zone, EpochsOfADay, signal), EveryMs), [zone]);
  const newest = useFollowed(() => epochsOf(zone), [zone]);
  useChanged(() => { now.hurry(); day.hurry(); }, newest.items.value);
  const found = now.value.value;
  const epochs = day.value.value ?? [];
  const measured = epochs.find((epoch) => epoch.fairness?.produced_kwh != null)?.fairness ?? undefined;
  const traded = epochs.find((epoch) => epoch.fairness?.welfare_share != null)?.fairness ?? undefined;
  return (
    <div class="zone">
      <div class="title"><h1>{t("neighbourhood")}</h1>{choice}</div>
      <dl class="figures">
        <Stat label={t("producingNow")} value={found ? count(found.producing) : "–"}>
          {found && <small>{fill("ofHomes", count(found.meters))}</small>}
        </Stat>
        <Share label={t("selfSufficiency")} of={measured?.self_sufficiency} how={t("selfSufficiencyHow")} />
        <Share label={t("welfareRatio")} of={traded?.welfare_share} how={t("welfareHow")} />
        {found?.soc_permille != null && (
          <Share label={t("meanBattery")} of={found.soc_permille / 1000} how={t("meanBatteryHow")} />
        )}
      </dl>
      <div class="cards">
        <FlowCard of={measured} known={day.value.value !== undefined} />
        <Card title={t("sellersToday")}>
          {!found || found.sellers.length === 0 ? <Empty>{t(found ? "noSellers" : "loading")}</Empty> : (
            <ul class="people">
              {found.sellers.map((seller) => (
                <li key={seller.name}>
                  <span class="avatar" aria-hidden="true">{[...seller.name][0]}</span>
                  <strong>{seller.name}</strong>
                  {seller.producing && <span class="chip settled">{t("producing")}</span>}
                  <span class="grow" />
                  <span>{kwh(seller.sold_kwh)} <small>kWh</small></span>
                </li>
              ))}
            </ul>
          )}
        </Card>
        <DayPlot epochs={epochs} known={day.value.value !== undefined} />
      </div>
    </div>
  );
}

function FlowCard({ of: measured, known }: { of: Fairness | undefined; known: boolean }) {
  return (
    <Card title={t("energyFlow")}>
      {measured ? <Flow of={measured} /> : <Empty>{t(known ? "noFlow" : "loading")}</Empty>}
    </Card>
  );
}

function Share({ label, of: value, how }: { label: string; of: number | null | undefined; how: string }) {
  return <Stat label={label} value={value == null ? "–" : share(value)}><small>{how}</small></Stat>;
}

