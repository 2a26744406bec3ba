/** What stands in journals and snapshots. Every record begins with its kind. */
import { ByteReader, ByteWriter } from './bytes.mjs';

export const FORMAT = 1;

export const Kind = Object.freeze({ header: 1, slot: 2, transaction: 3, accounts: 4, end: 5 });

/** @typedef {import('./svm.mjs').AccountState} AccountState */
/** @typedef {{address: Buffer, account: AccountState | null}} AccountWrite null: the account is gone */

/** Opens a file: which chain it belongs to, and for a snapshot the chain's counters. */
export function encodeHeader(header) {
  return new ByteWriter(256).u8(Kind.header).json({ format: FORMAT, ...header }).bytes();
}

export function encodeSlot(slot, unixTime) {
  return new ByteWriter(17).u8(Kind.slot).i64(slot).i64(unixTime).bytes();
}

/**
 * @typedef {object} TransactionRecord
 * @property {number} slot
 * @property {number} unixTime
 * @property {import('./transaction-error.mjs').TransactionErrorJson | null} err
 * @property {Buffer} wire
 * @property {Buffer[]} loadedWritable addresses from lookup tables
 * @property {Buffer[]} loadedReadonly
 * @property {object} meta what getTransaction shows beside the wire bytes; lamports as decimal strings
 * @property {AccountWrite[]} writes
 */

/** @param {TransactionRecord} record */
export function encodeTransaction({ slot, unixTime, err, wire, loadedWritable, loadedReadonly, meta, writes }) {
  const writer = new ByteWriter(2048).u8(Kind.transaction).i64(slot).i64(unixTime).json(err).blob(wire);
  writeKeys(writer, loadedWritable);
  writeKeys(writer, loadedReadonly);
  writer.json(meta);
  writeAccounts(writer, writes);
  return writer.bytes();
}

/** @param {AccountWrite[]} writes */
export function encodeAccounts(writes) {
  const writer = new ByteWriter(64 * 1024).u8(Kind.accounts);
  writeAccounts(writer, writes);
  return writer.bytes();
}

/** Closes a snapshot: a file without it is not whole. */
export function encodeEnd() {
  return Buffer.from([Kind.end]);
}

/**
 * @param {Buffer} payload
 * @param {boolean} [isIndexOnly] leaves out `writes`, and a transaction's `meta`
 */
export function decodeRecord(payload, isIndexOnly = false) {
  const reader = new ByteReader(payload);
  const kind = reader.u8();
  switch (kind) {
    case Kind.header:
      return { kind, header: reader.json() };
    case Kind.slot:
      return { kind, slot: reader.i64(), unixTime: reader.i64() };
    case Kind.transaction:
      return { kind, ...readTransaction(reader, isIndexOnly) };
    case Kind.accounts:
      return isIndexOnly ? { kind } : { kind, writes: readAccounts(reader) };
    case Kind.end:
      return { kind };
    default:
      throw new Error(`unknown record kind ${kind}`);
  }
}

/** @returns {TransactionRecord} */
function readTransaction(reader, isIndexOnly) {
  const index = {
    slot: reader.i64(),
    unixTime: reader.i64(),
    err: reader.json(),
    wire: reader.blob(),
    loadedWritable: readKeys(reader),
    loadedReadonly: readKeys(reader),
  };
  return isIndexOnly ? index : { ...index, meta: reader.json(), writes: readAccounts(reader) };
}

function writeKeys(writer, keys) {
  writer.u32(keys.length);
  for (const key of keys) {
    writer.raw(key);
  }
}

function readKeys(reader) {
  return Array.from({ length: reader.u32() }, () => reader.raw(32));
}

function writeAccounts(writer, writes) {
  writer.u32(writes.length);
  for (const { address, account } of writes) {
    writer.raw(address).u8(account === null ? 0 : account.executable ? 2 : 1);
    if (account !== null) {
      writer.u64(account.lamports).raw(account.owner).u64(account.rentEpoch).blob(account.data);
    }
  }
}

function readAccounts(reader) {
  return Array.from({ length: reader.u32() }, () => {
    const address = reader.raw(32);
    const tag = reader.u8();
    const account = tag === 0 ? null : { executable: tag === 2, ...readAccount(reader) };
    return { address, account };
  });
}

function readAccount(reader) {
  return { lamports: reader.u64(), owner: reader.raw(32), rentEpoch: reader.u64(), data: reader.blob() };
}
