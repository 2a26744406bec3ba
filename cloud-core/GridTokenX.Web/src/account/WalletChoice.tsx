import { useEffect, useRef, useState } from "preact/hooks";
import { fill, t } from "../i18n/locale";
import { settings } from "../shell/settings";
import { Failure } from "../ui/Field";
import { useAction } from "../ui/useAction";
import { create, isThere, takeKeyFile } from "./developmentWallet";
import { DevelopmentWalletName, wallets } from "./standard";
import { signInWith } from "./walletSignIn";

export function WalletChoice() {
  const action = useAction();
  const found = wallets.value.filter((wallet) => wallet.name !== DevelopmentWalletName);
  const development = wallets.value.find((wallet) => wallet.name === DevelopmentWalletName);
  return (
    <div class="stack">
      {found.map((wallet) => (
        <button
          key={wallet.name}
          type="button"
          class="quiet wallet"
          disabled={action.busy}
          onClick={() => void action.run(() => signInWith(wallet))}
        >
          <img src={wallet.icon} alt="" width="28" height="28" />
          {fill("useWallet", wallet.name)}
        </button>
      ))}
      {found.length === 0 && settings.value?.development_wallet === false && <p class="quiet-text">{t("noWallets")}</p>}
      {development && (
        <>
          <button
            type="button"
            class="wallet"
            disabled={action.busy}
            onClick={() => void action.run(() => signInWith(development))}
          >
            <img src={development.icon} alt="" width="28" height="28" />
            {t("signInDevelopment")}
          </button>
          <p class="quiet-text"><small>{t("developmentHow")}</small></p>
          <KeyChoice />
        </>
      )}
      <Failure of={action.failure} />
    </div>
  );
}

/** Which key the development wallet has. */
function KeyChoice() {
  const action = useAction();
  const file = useRef<HTMLInputElement>(null);
  const [has, setHas] = useState(false);
  const [said, setSaid] = useState("");
  useEffect(() => void isThere().then(setHas), []);
  const take = async (chosen: File | undefined): Promise<void> => {
    if (chosen) {
      const taken = await takeKeyFile(await chosen.text());
      setSaid(t(taken ? "keyTaken" : "keyFileWrong"));
      setHas((before) => before || taken);
    }
  };

  return (
    <div class="row">
      <input
        ref={file}
        class="unseen"
        type="file"
        accept=".json,application/json"
        tabIndex={-1}
        aria-label={t("takeKeyFile")}
        onChange={(event) => {
          const [chosen] = event.currentTarget.files ?? [];
          void action.run(() => take(chosen));
          event.currentTarget.value = "";
        }}
      />
      <button type="button" class="quiet small" disabled={action.busy} onClick={() => file.current?.click()}>
        {t("takeKeyFile")}
      </button>
      {has && (
        <button
          type="button"
          class="quiet small"
          disabled={action.busy}
          onClick={() => void action.run(async () => { await create(); setSaid(t("keyTaken")); })}
        >
          {t("newKey")}
        </button>
      )}
      <small role="status">{said}</small>
      <Failure of={action.failure} />
    </div>
  );
}
