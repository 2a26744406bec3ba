import { useState } from "preact/hooks";
import { t } from "../i18n/locale";
import { Card } from "../ui/Card";
import { Failure } from "../ui/Field";
import { useAction } from "../ui/useAction";
import { PersonFields, type Role } from "./PersonFields";
import { authorised, readUser, renewNow } from "./session";

/** Of a key that nobody has registered with. */
export function RegisterForm() {
  const action = useAction();
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("consumer");
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
        <PersonFields name={name} role={role} onName={setName} onRole={setRole} />
        <Failure of={action.failure} />
        <button type="submit" disabled={action.busy}>{t("register")}</button>
      </form>
    </Card>
  );
}
