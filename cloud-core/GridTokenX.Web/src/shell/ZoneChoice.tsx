import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { user } from "../account/session";
import { api } from "../api/client";
import { watch } from "../api/poll";
import { t } from "../i18n/locale";
import { Empty } from "../ui/Card";
import { useWatched } from "../ui/useWatched";
import { chooseZone, zone } from "./zone";

/** Those with meters of one's own, where one may trade; undefined while that is not known. */
export const ownZones = signal<readonly string[] | undefined>(undefined);

const Epochs = 96;
const EveryMs = 30_000;

/** What it holds is shown for the chosen zone, once the zones are known. */
export function OfZone({ children }: { children: (zone: string, choice: ComponentChildren) => ComponentChildren }) {
  const known = useWatched(() => watch((signal) => api.epochs(undefined, Epochs, signal), EveryMs), []);
  const mine = useWatched(
    () => watch((signal) => (user.value ? api.meters(signal) : Promise.resolve([])), EveryMs), [user.value?.id]);
  useEffect(() => {
    ownZones.value = user.value ? mine.value.value?.map((meter) => meter.zone) : undefined;
  }, [mine.value.value, user.value]);
  const zones = [...new Set([
    ...(known.value.value ?? []).map((epoch) => epoch.zone),
    ...(mine.value.value ?? []).map((meter) => meter.zone),
  ])].sort();
  const shown = zone.value !== undefined && zones.includes(zone.value) ? zone.value : zones[0];
  if (shown === undefined) {
    return <Empty>{t(known.failure.value ? "retrying" : known.value.value ? "noZones" : "loading")}</Empty>;
  }

  return <>{children(shown, <Choice of={shown} zones={zones} />)}</>;
}

function Choice({ of: shown, zones }: { of: string; zones: readonly string[] }) {
  return (
    <label class="choice">
      <span>{t("zone")}</span>
      <select value={shown} onChange={(event) => chooseZone(event.currentTarget.value)}>
        {zones.map((each) => <option key={each}>{each}</option>)}
      </select>
    </label>
  );
}
