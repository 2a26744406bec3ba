import { useEffect } from "preact/hooks";
import { t } from "../i18n/locale";
import { go } from "../shell/router";
import { Card } from "../ui/Card";
import { EmailForms } from "./EmailForms";
import { RegisterForm } from "./RegisterForm";
import { session, user } from "./session";
import { WalletChoice } from "./WalletChoice";

/** Until somebody is signed in and registered. */
export default function SignInPage() {
  const done = session.value !== undefined && user.value !== undefined && user.value !== null;
  useEffect(() => {
    if (done) {
      go("/energy");
    }
  }, [done]);

  if (session.value) {
    return user.value === null ? <div class="narrow"><RegisterForm /></div> : null;
  }

  return (
    <div class="narrow">
      <div class="title"><h1>{t("signIn")}</h1></div>
      <p class="intro">{t("signInIntro")}</p>
      <div class="cards">
        <Card title={t("withWallet")}><WalletChoice /></Card>
        <Card title={t("withEmail")}><EmailForms /></Card>
      </div>
    </div>
  );
}
