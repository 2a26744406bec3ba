import { instant, kwh, price } from "../i18n/locale";
import type { Decoded, Value } from "./borsh";
import { isAddress } from "./idl";
import { Address } from "./links";

/** Decoded fields with their units; a time also as a time, an amount also as people write it. */
export function Fields({ of }: { of: readonly Decoded[] }) {
  return (
    <dl class="facts">
      {of.map(({ name, value, note }) => (
        <>
          <dt>{name}</dt>
          <dd><Shown name={name} value={value} note={note} />{note && <small> {note}</small>}</dd>
        </>
      ))}
    </dl>
  );
}

const TimeNames = /(_at|^timestamp)$/;
const PriceNames = /^((min|max)_)?price$/;
const MoneyNames = /^(total_price|fee)$/;

function Shown({ name, value, note }: { name: string; value: Value; note?: string | undefined }) {
  if (typeof value === "bigint") {
    const written = asWritten(name, Number(value), note);
    return <>{value.toString()}{written && <strong> {written}</strong>}</>;
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

/** Undefined where it is a plain number. */
function asWritten(name: string, value: number, note: string | undefined): string | undefined {
  if (TimeNames.test(name)) {
    return value > 0 ? instant(new Date(value * 1000)) : undefined;
  }

  if (PriceNames.test(name)) {
    return `${price(value / 1e6)} GRX/kWh`;
  }

  if (MoneyNames.test(name)) {
    return `${price(value / 1e6)} GRX`;
  }

  if (name === "amount_tokens" || note === "GRID base units") {
    return `${kwh(value / 1e9)} kWh`;
  }

  return note === "Wh" ? `${kwh(value / 1e3)} kWh` : undefined;
}
