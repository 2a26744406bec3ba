import { base58, base64 } from "@scure/base";
import { decode, type Decoded } from "./borsh";
import { type Idl, knownPrograms, plainNames, type Program } from "./idl";
import type { AccountInfo, RpcInstruction, RpcTransaction } from "./rpc";

export interface DecodedInstruction {
  readonly program: string;
  readonly name: string;
  readonly args: readonly Decoded[];
  readonly accounts: readonly { readonly name: string; readonly address: string }[];
  /** Called by another instruction. */
  readonly inner: boolean;
}

export interface DecodedEvent {
  readonly name: string;
  readonly fields: readonly Decoded[];
}

export interface DecodedTransaction {
  readonly signature: string;
  readonly slot: number;
  readonly time: Date | undefined;
  readonly failure: string | undefined;
  readonly fee: number;
  readonly computeUnits: number | undefined;
  readonly instructions: readonly DecodedInstruction[];
  readonly events: readonly DecodedEvent[];
  readonly logs: readonly string[];
}

const DiscriminatorLength = 8;

export function decodeTransaction(found: RpcTransaction, programs: readonly Program[]): DecodedTransaction {
  const { message, signatures } = found.transaction;
  const loaded = found.meta?.loadedAddresses;
  const keys = [...message.accountKeys, ...(loaded?.writable ?? []), ...(loaded?.readonly ?? [])];
  const inner = new Map((found.meta?.innerInstructions ?? []).map((each) => [each.index, each.instructions]));
  const logs = found.meta?.logMessages ?? [];
  return {
    signature: signatures[0]!,
    slot: found.slot,
    time: found.blockTime === null ? undefined : new Date(found.blockTime * 1000),
    failure: found.meta?.err ? failureOf(found.meta.err, message.instructions, keys, programs) : undefined,
    fee: found.meta?.fee ?? 0,
    computeUnits: found.meta?.computeUnitsConsumed,
    instructions: message.instructions.flatMap((instruction, index) => [
      decodeInstruction(instruction, keys, programs, false),
      ...(inner.get(index) ?? []).map((each) => decodeInstruction(each, keys, programs, true)),
    ]),
    events: logs.flatMap((line) => eventOf(line, programs)),
    logs,
  };
}

function decodeInstruction(
  instruction: RpcInstruction,
  keys: readonly string[],
  programs: readonly Program[],
  inner: boolean,
): DecodedInstruction {
  const address = keys[instruction.programIdIndex]!;
  const addresses = instruction.accounts.map((index) => keys[index]!);
  const idl = programs.find((program) => program.address === address)?.idl;
  const data = base58.decode(instruction.data);
  const known = idl?.instructions.find((each) => starts(data, each.discriminator));
  return {
    program: idl?.metadata.name ?? knownPrograms[address] ?? address,
    name: known?.name ?? plainNames[address]?.[data[0] ?? -1] ?? "",
    args: known ? fieldsOrNothing(() => decode(known.args, data.subarray(DiscriminatorLength), idl!)) : [],
    accounts: addresses.map((each, index) => ({ name: known?.accounts[index]?.name ?? "", address: each })),
    inner,
  };
}

const DataLog = "Program data: ";

function eventOf(line: string, programs: readonly Program[]): DecodedEvent[] {
  if (!line.startsWith(DataLog)) {
    return [];
  }

  const data = fieldsOrNothing(() => [base64.decode(line.slice(DataLog.length))])[0];
  for (const { idl } of data ? programs : []) {
    const event = idl.events?.find((each) => starts(data!, each.discriminator));
    if (event) {
      return [{ name: event.name, fields: structOf(event.name, data!, idl) }];
    }
  }

  return [];
}

/** An account of one of our programs; undefined when it is somebody else's. */
export function decodeAccount(
  account: AccountInfo,
  programs: readonly Program[],
): { readonly name: string; readonly fields: readonly Decoded[] } | undefined {
  const idl = programs.find((program) => program.address === account.owner)?.idl;
  const data = base64.decode(account.data[0]);
  const known = idl?.accounts.find((each) => starts(data, each.discriminator));
  return known && { name: known.name, fields: structOf(known.name, data, idl!) };
}

function structOf(name: string, data: Uint8Array, idl: Idl): readonly Decoded[] {
  const fields = idl.types.find((each) => each.name === name)?.type.fields ?? [];
  return fieldsOrNothing(() => decode(fields, data.subarray(DiscriminatorLength), idl));
}

/** Bytes that do not fit what their first eight promise are shown as unknown, not as an error of the page. */
function fieldsOrNothing<T>(decodeAll: () => readonly T[]): readonly T[] {
  try {
    return decodeAll();
  } catch {
    return [];
  }
}

function failureOf(
  error: unknown,
  instructions: readonly RpcInstruction[],
  keys: readonly string[],
  programs: readonly Program[],
): string {
  const [index, reason] = (error as { InstructionError?: [number, unknown] }).InstructionError ?? [];
  const code = (reason as { Custom?: number } | undefined)?.Custom;
  const address = index === undefined ? undefined : keys[instructions[index]?.programIdIndex ?? -1];
  const known = programs.find((program) => program.address === address)?.idl.errors?.find((each) => each.code === code);
  return known ? `${known.name}: ${known.msg}` : JSON.stringify(error);
}

const starts = (data: Uint8Array, discriminator: readonly number[]): boolean =>
  data.length >= discriminator.length && discriminator.every((byte, index) => data[index] === byte);
