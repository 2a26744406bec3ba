import { base58 } from "@scure/base";
import type { Field, Idl, IdlType } from "./idl";

export type Value = string | bigint | boolean | Value[] | { readonly [name: string]: Value };

/** A decoded field, with what its IDL says of it: mostly its unit. */
export interface Decoded {
  readonly name: string;
  readonly value: Value;
  readonly note: string | undefined;
}

class Reader {
  private at = 0;
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  take(length: number): Uint8Array {
    if (this.at + length > this.bytes.length) {
      throw new RangeError("The data end too early.");
    }

    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  unsigned(length: number): bigint {
    let value = 0n;
    for (const byte of this.take(length).toReversed()) {
      value = (value << 8n) | BigInt(byte);
    }

    return value;
  }

  signed(length: number): bigint {
    return BigInt.asIntN(length * 8, this.unsigned(length));
  }

  get left(): number {
    return this.view.byteLength - this.at;
  }
}

const Integers: Readonly<Record<string, { length: number; signed: boolean }>> = {
  u8: { length: 1, signed: false },
  u16: { length: 2, signed: false },
  u32: { length: 4, signed: false },
  u64: { length: 8, signed: false },
  u128: { length: 16, signed: false },
  i64: { length: 8, signed: true },
};

// An array of bytes is shown as hexadecimal, a long one by its beginning.
const MostBytes = 64;

/** Reads fields from bytes; throws a RangeError when they do not fit. */
export function decode(fields: readonly Field[], bytes: Uint8Array, idl: Idl): Decoded[] {
  const reader = new Reader(bytes);
  return fields
    .map(({ name, type, docs }) => ({ name, value: read(type, reader, idl), note: docs?.join(" ") }))
    .filter(({ name }) => name !== "padding");
}

function read(type: IdlType, reader: Reader, idl: Idl): Value {
  if (typeof type === "string") {
    return readPlain(type, reader);
  }

  if ("defined" in type) {
    const fields = idl.types.find((each) => each.name === type.defined.name)?.type.fields;
    if (!fields) {
      throw new RangeError(`The IDL does not define ${type.defined.name}.`);
    }

    return Object.fromEntries(fields.map((field) => [field.name, read(field.type, reader, idl)]));
  }

  const [element, length] = "vec" in type ? [type.vec, Number(reader.unsigned(4))] : type.array;
  if (length > reader.left) {
    throw new RangeError("The data end too early.");
  }

  return element === "u8"
    ? hex(reader.take(length))
    : Array.from({ length }, () => read(element, reader, idl));
}

function readPlain(type: string, reader: Reader): Value {
  const integer = Integers[type];
  if (integer) {
    return integer.signed ? reader.signed(integer.length) : reader.unsigned(integer.length);
  }

  switch (type) {
    case "bool":
      return reader.unsigned(1) !== 0n;
    case "pubkey":
      return base58.encode(reader.take(32));
    case "string":
      return new TextDecoder("utf-8", { fatal: true }).decode(reader.take(Number(reader.unsigned(4))));
    default:
      throw new RangeError(`The type ${type} is unknown.`);
  }
}

function hex(bytes: Uint8Array): string {
  const text = [...bytes.subarray(0, MostBytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return bytes.length > MostBytes ? `${text}… (${bytes.length} bytes)` : text;
}
