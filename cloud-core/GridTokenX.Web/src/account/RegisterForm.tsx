import { useState } from "preact/hooks";
import { t } from "../i18n/locale";
import { Card } from "../ui/Card";
import { Choice, Failure, Field } from "../ui/Field";
import { useAction } from "../ui/useAction";
import { authorised, readUser, renewNow } from "./session";

/** Of a key that nobody has registered with. */
export function RegisterForm() {
  const action = useAction();
  const [name, setName] = useState("");
  const [role, setRole] = useState<"consumer" | "prosumer">("consumer");
  const register = async (): Promise<void> => {
    await authorised("/api/users", { body: { name: name.trim(), role } });
    await renewNow();
    await readUser();
  };

  return (
    <Card title={t("registerTitle")}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void action.run(register);
        }}
      >
        <p>{t("registerHow")}</p>
        <Field
          label={t("yourName")} hint={t("nameHow")} autocomplete="name" maxLength={80} required
          value={name} onInput={setName}
        />
        <Choice
          label={t("youAre")}
          value={role}
          choices={[{ value: "consumer", text: t("role_consumer") }, { value: "prosumer", text: t("role_prosumer") }]}
          onChange={setRole}
        />
        <Failure of={action.failure} />
        <button type="submit" disabled={action.busy}>{t("register")}</button>
      </form>
    </Card>
  );
}
