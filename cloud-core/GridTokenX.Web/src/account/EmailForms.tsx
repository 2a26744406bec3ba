import { useState } from "preact/hooks";
import { ask } from "../api/http";
import type { SessionTokens } from "../api/types";
import { t } from "../i18n/locale";
import { Failure, Field } from "../ui/Field";
import { useAction } from "../ui/useAction";
import { PersonFields, type Role } from "./PersonFields";
import { begin } from "./session";

type Step = "signIn" | "register" | "verify" | "forgot" | "reset";
const ShortestPassword = 10;

/** Signing in with an address; and the ways to an account, and back into it. */
export function EmailForms() {
  const action = useAction();
  const [step, setStep] = useState<Step>("signIn");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("consumer");
  const [token, setToken] = useState("");
  const to = (next: Step): void => {
    action.clear();
    setStep(next);
  };

  const signIn = async (): Promise<void> =>
    begin(await ask<SessionTokens>("/api/auth/password", { body: { email, password, cookie: true } }));
  const steps: Record<Step, () => Promise<void>> = {
    signIn,
    register: async () => {
      await ask("/api/auth/register", { body: { email, password, name, role } });
      to("verify");
    },
    verify: async () => {
      await ask("/api/auth/verify", { body: { token: token.trim(), password } });
      await signIn();
    },
    forgot: async () => {
      await ask("/api/auth/password/forgot", { body: { email } });
      setPassword("");
      to("reset");
    },
    reset: async () => {
      await ask("/api/auth/password/reset", { body: { token: token.trim(), password } });
      await signIn();
    },
  };

  const sent = step === "verify" || step === "reset";
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void action.run(steps[step]);
      }}
    >
      {sent && <p role="status">{t("codeSent")}</p>}
      {!sent && (
        <Field label={t("email")} type="email" autocomplete="email" required value={email} onInput={setEmail} />
      )}
      {step === "register" && <PersonFields name={name} role={role} onName={setName} onRole={setRole} />}
      {sent && (
        <Field
          label={t("code")} autocomplete="one-time-code" spellcheck={false} required value={token} onInput={setToken}
        />
      )}
      {step !== "forgot" && step !== "verify" && (
        <Field
          label={t(step === "reset" ? "newPassword" : "password")}
          {...(step === "signIn" ? {} : { hint: t("passwordHow"), minLength: ShortestPassword })}
          type="password"
          autocomplete={step === "signIn" ? "current-password" : "new-password"}
          required
          value={password}
          onInput={setPassword}
        />
      )}
      <Failure of={action.failure} />
      <button type="submit" disabled={action.busy}>{t(buttons[step])}</button>
      <div class="row">
        {step === "signIn"
          ? (
            <>
              <button type="button" class="link" onClick={() => to("register")}>{t("noAccountYet")}</button>
              <button type="button" class="link" onClick={() => to("forgot")}>{t("forgotten")}</button>
            </>
          )
          : <button type="button" class="link" onClick={() => to("signIn")}>{t("backToSignIn")}</button>}
      </div>
    </form>
  );
}

const buttons = {
  signIn: "signIn",
  register: "sendCode",
  verify: "confirm",
  forgot: "sendCode",
  reset: "setPassword",
} as const;
