import { api } from "../api/client";
import { watch } from "../api/poll";
import { fill, t } from "../i18n/locale";
import { Card, Empty } from "../ui/Card";
import { Failure } from "../ui/Field";
import { shortened } from "../ui/shortened";
import { useAction } from "../ui/useAction";
import { useWatched } from "../ui/useWatched";

const EveryMs = 5_000;

/** Who has registered and waits to be let in. */
export function Unverified() {
  const asked = useWatched(() => watch((signal) => api.users(false, signal), EveryMs), []);
  const action = useAction();
  const users = asked.value.value;
  return (
    <Card title={t("unverified")} wide>
      <Failure of={action.failure} />
      {!users || users.length === 0 ? <Empty>{t(users ? "noUnverified" : "loading")}</Empty> : (
        <ul class="people">
          {users.map((user) => (
            <li key={user.id}>
              <span class="avatar" aria-hidden="true">{[...user.name][0]}</span>
              <strong>{user.name}</strong>
              <small>{t(user.role)}</small>
              <a class="mono" href={`/explorer/account/${user.wallet}`} title={user.wallet}>{shortened(user.wallet)}</a>
              <span class="grow" />
              <button
                type="button"
                class="small"
                disabled={action.busy}
                aria-label={fill("verifyUser", user.name)}
                onClick={() => void action.run(async () => {
                  await api.verify(user.id);
                  asked.hurry();
                })}
              >
                {t("verify")}
              </button>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
