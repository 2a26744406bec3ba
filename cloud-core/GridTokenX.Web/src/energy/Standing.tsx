import { useEffect, useState } from "preact/hooks";
import { authorised, readUser, session, user } from "../account/session";
import { fill, t } from "../i18n/locale";
import { settings } from "../shell/settings";
import { shortened } from "../ui/shortened";
import { useAction } from "../ui/useAction";

const AgainMs = 2_000;

/** Who is here, and whether the chain knows. */
export function Standing() {
  const { name, wallet, verified, registered_on_chain: registered } = user.value!;
  useEffect(() => {
    if (registered) {
      return undefined;
    }

    const timer = setInterval(() => void readUser().catch(() => {}), AgainMs);
    return () => clearInterval(timer);
  }, [registered]);
  return (
    <div class="standing">
      <span>{name}</span>
      <a class="mono" href={`/explorer/account/${wallet}`} title={wallet}>{shortened(wallet)}</a>
      <span class={registered ? "chip settled" : "chip"} role="status">
        {t(registered ? "registeredOnChain" : verified ? "waitsForChain" : "waitsForOperator")}
      </span>
      {registered && settings.value?.welcome_grx ? <Welcome grx={settings.value.welcome_grx} /> : null}
    </div>
  );
}

/** Where nothing is at stake, a newcomer gets something to trade with; once. */
function Welcome({ grx }: { grx: number }) {
  const action = useAction();
  const [before] = useState(localStorage.getItem(kept()) !== null);
  const [taken, setTaken] = useState(false);
  if (before || taken) {
    return <small role="status">{taken ? fill("welcomeTaken", String(grx)) : ""}</small>;
  }

  return (
    <>
      <button
        type="button"
        class="quiet small"
        disabled={action.busy}
        onClick={() => void action.run(async () => {
          await authorised("/api/web/welcome", { method: "POST" });
          localStorage.setItem(kept(), "1");
          setTaken(true);
        })}
      >
        {fill("welcomeGrant", String(grx))}
      </button>
      <small role="alert">{action.failure}</small>
    </>
  );
}

const kept = (): string => `welcome-${session.value?.access_key}`;
