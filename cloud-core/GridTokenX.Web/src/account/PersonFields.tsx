import { t } from "../i18n/locale";
import { Choice, Field } from "../ui/Field";

export type Role = "consumer" | "prosumer";

interface Props {
  name: string;
  role: Role;
  onName: (name: string) => void;
  onRole: (role: Role) => void;
}

/** Who registers: a name, and what kind of neighbour. */
export function PersonFields({ name, role, onName, onRole }: Props) {
  return (
    <>
      <Field
        label={t("yourName")} hint={t("nameHow")} autocomplete="name" maxLength={80} required
        value={name} onInput={onName}
      />
      <Choice
        label={t("youAre")}
        value={role}
        choices={[{ value: "consumer", text: t("role_consumer") }, { value: "prosumer", text: t("role_prosumer") }]}
        onChange={onRole}
      />
    </>
  );
}
