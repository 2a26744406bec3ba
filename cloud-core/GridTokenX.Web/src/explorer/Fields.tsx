import { instant } from "../i18n/locale";
import type { Decoded, Value } from "./borsh";
import { isAddress } from "./idl";
import { Address } from "./links";

/** Decoded fields with their units; a time also as a time. */
export function Fields({ of }: { of: readonly Decoded[] }) {
  return (
    <dl class="facts">
      {of.map(({ name, value, note }) => (
        <>
          <dt>{name}</dt>
          <dd><Shown name={name} value={value} />{note && <small> {note}</small>}</dd>
        </>
      ))}
    </dl>
  );
}

const TimeNames = /(_at|^timestamp)$/;

function Shown({ name, value }: { name: string; value: Value }) {
  if (typeof value === "bigint") {
    return TimeNames.test(name) && value > 0n
      ? <>{value.toString()} <small>{instant(new Date(Number(value) * 1000))}</small></>
      : <>{value.toString()}</>;
  }

  if (typeof value === "string") {
    return isAddress(value) ? <Address of={value} /> : <span class="mono">{value}</span>;
  }

  if (typeof value === "boolean") {
    return <>{String(value)}</>;
  }

  return Array.isArray(value)
    ? <ol class="values">{value.map((each, index) => <li key={index}><Shown name={name} value={each} /></li>)}</ol>
    : (
      <span class="record">
        {Object.entries(value).map(([key, each]) => <span key={key}>{key} <Shown name={key} value={each} /></span>)}
      </span>
    );
}
