import { signal } from "@preact/signals";
import { t } from "../i18n/locale";
import { go } from "../shell/router";
import { isAddress } from "./idl";

const text = signal("");

/** Takes an address or a transaction's signature. */
export function Search() {
  const search = (event: Event): void => {
    event.preventDefault();
    const wanted = text.value.trim();
    if (wanted) {
      go(isAddress(wanted) ? `/explorer/account/${wanted}` : `/explorer/tx/${encodeURIComponent(wanted)}`);
    }
  };

  return (
    <form class="search" role="search" onSubmit={search}>
      <input
        type="search"
        aria-label={t("searchChain")}
        placeholder={t("searchChain")}
        value={text.value}
        onInput={(event) => (text.value = event.currentTarget.value)}
      />
      <button type="submit">{t("show")}</button>
    </form>
  );
}
