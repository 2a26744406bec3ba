import { t } from "../i18n/locale";
import { settings } from "../shell/settings";

/** Where times are shown that are a simulation's, the chain's too. */
export function Simulated() {
  return settings.value?.simulated_time ? <span class="chip simulated">{t("simulatedTime")}</span> : null;
}
