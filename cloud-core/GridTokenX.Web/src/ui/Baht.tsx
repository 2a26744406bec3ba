import { money } from "../i18n/locale";
import { settings } from "../shell/settings";

/** The same in baht, where the server has a rate. */
export function Baht({ grx }: { grx: number }) {
  const rate = settings.value?.thb_per_grx;
  return rate ? <small class="baht">≈ {money(grx * rate)} THB</small> : null;
}
