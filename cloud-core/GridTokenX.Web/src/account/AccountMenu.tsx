import { t, isText } from "../i18n/locale";
import { go } from "../shell/router";
import { shortened } from "../ui/shortened";
import { useAction } from "../ui/useAction";
import { restoring, session, signOut, user } from "./session";

/** In the bar: the way in, or who is in. */
export function AccountMenu() {
  const action = useAction();
  if (!session.value) {
    return restoring.value ? null : <a class="button" href="/sign-in">{t("signIn")}</a>;
  }

  const { access_key, roles } = session.value;
  const name = user.value?.name ?? shortened(access_key);
  return (
    <details class="menu" name="bar">
      <summary>
        <span class="avatar" aria-hidden="true">{[...name][0]}</span>
        <span class="name">{name}</span><span class="unseen">{t("account")}</span>
      </summary>
      <div class="sheet">
        <strong>{name}</strong>
        <p class="mono" title={access_key}>{shortened(access_key)}</p>
        {roles.length > 0 && (
          <ul class="chips" aria-label={t("roles")}>
            {roles.map((role) => <li key={role} class="chip">{roleName(role)}</li>)}
          </ul>
        )}
        {user.value === null && <a class="button" href="/sign-in">{t("register")}</a>}
        <button
          type="button"
          class="quiet"
          disabled={action.busy}
          onClick={() => void action.run(async () => { await signOut(); go("/"); })}
        >
          {t("signOut")}
        </button>
        {action.failure && <small role="alert">{action.failure}</small>}
      </div>
    </details>
  );
}

function roleName(role: string): string {
  const key = `role_${role}`;
  return isText(key) ? t(key) : role;
}
