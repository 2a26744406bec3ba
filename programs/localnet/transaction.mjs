/**
 * A transaction's wire format (legacy and version 0), read strictly: LiteSVM's decoder aborts the process on
 * anything it cannot read, so nothing it could refuse may pass here.
 */

export const MAX_WIRE_BYTES = 1232;
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** The bytes are no transaction (message for the client). */
export class MalformedTransaction extends Error {}

/** The bytes are a transaction that no node would look at further. */
export class UnsanitaryTransaction extends Error {}

/**
 * @typedef {object} Transaction
 * @property {Buffer} wire
 * @property {Buffer[]} signatures the first one names the transaction
 * @property {'legacy' | 0} version
 * @property {Header} header
 * @property {Buffer[]} keys static account keys
 * @property {Buffer} blockhash
 * @property {Instruction[]} instructions
 * @property {{table: Buffer, writable: Buffer, readonly: Buffer}[]} lookups
 */
/**
 * @typedef {object} Header
 * @property {number} signers
 * @property {number} readonlySigners
 * @property {number} readonlyOthers
 */
/** @typedef {{programIdIndex: number, accounts: Buffer, data: Buffer}} Instruction */

/** @param {Buffer} wire @returns {Transaction} */
export function parseTransaction(wire) {
  if (wire.length > MAX_WIRE_BYTES) {
    throw new MalformedTransaction(`too large: ${wire.length} bytes (max: ${MAX_WIRE_BYTES} bytes)`);
  }
  const reader = new WireReader(wire);
  const signatures = reader.list(() => reader.take(SIGNATURE_BYTES));
  const transaction = { wire, signatures, ...readMessage(reader) };
  reader.expectEnd();
  checkSanitary(transaction);
  return transaction;
}

/** A message alone, as getFeeForMessage takes it. @param {Buffer} bytes */
export function parseMessage(bytes) {
  const reader = new WireReader(bytes);
  const message = readMessage(reader);
  reader.expectEnd();
  return message;
}

function readMessage(reader) {
  const first = reader.byte();
  const isVersioned = (first & 0x80) !== 0;
  if (isVersioned && first !== 0x80) {
    throw new MalformedTransaction(`message version ${first & 0x7f} is not supported`);
  }
  const header = {
    signers: isVersioned ? reader.byte() : first,
    readonlySigners: reader.byte(),
    readonlyOthers: reader.byte(),
  };
  return {
    version: isVersioned ? 0 : 'legacy',
    header,
    keys: reader.list(() => reader.take(KEY_BYTES)),
    blockhash: reader.take(KEY_BYTES),
    instructions: reader.list(() => ({
      programIdIndex: reader.byte(),
      accounts: reader.shortBytes(),
      data: reader.shortBytes(),
    })),
    lookups: isVersioned
      ? reader.list(() => ({
          table: reader.take(KEY_BYTES),
          writable: reader.shortBytes(),
          readonly: reader.shortBytes(),
        }))
      : [],
  };
}

function checkSanitary({ signatures, header, keys, instructions, lookups }) {
  const loaded = lookups.reduce((sum, { writable, readonly }) => sum + writable.length + readonly.length, 0);
  const total = keys.length + loaded;
  const isSane =
    signatures.length === header.signers &&
    header.signers > header.readonlySigners &&
    header.signers + header.readonlyOthers <= keys.length &&
    total <= 256 &&
    lookups.every(({ writable, readonly }) => writable.length + readonly.length > 0) &&
    instructions.every(
      ({ programIdIndex, accounts }) =>
        programIdIndex > 0 && programIdIndex < keys.length && accounts.every((index) => index < total),
    );
  if (!isSane) {
    throw new UnsanitaryTransaction('Transaction failed to sanitize accounts offsets correctly');
  }
}

/** Whether the static key at `index` may be written. @param {Header} header */
export function isWritableKey({ signers, readonlySigners, readonlyOthers }, keyCount, index) {
  return index < signers ? index < signers - readonlySigners : index < keyCount - readonlyOthers;
}

class WireReader {
  #bytes;
  #at = 0;

  constructor(bytes) {
    this.#bytes = bytes;
  }

  byte() {
    if (this.#at >= this.#bytes.length) {
      throw new MalformedTransaction('unexpected end of bytes');
    }
    return this.#bytes[this.#at++];
  }

  take(count) {
    const end = this.#at + count;
    if (end > this.#bytes.length) {
      throw new MalformedTransaction('unexpected end of bytes');
    }
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  /** Solana's compact u16: 7 bits a byte, low first, at most 3 bytes, the shortest form only. */
  length() {
    let value = 0;
    for (let i = 0; i < 3; i++) {
      const part = this.byte();
      value |= (part & 0x7f) << (7 * i);
      if ((part & 0x80) === 0) {
        if ((part === 0 && i > 0) || value > 0xffff) {
          break;
        }
        return value;
      }
    }
    throw new MalformedTransaction('a length is not in its shortest form');
  }

  shortBytes() {
    return this.take(this.length());
  }

  list(readItem) {
    const count = this.length();
    const items = [];
    for (let i = 0; i < count; i++) {
      items.push(readItem());
    }
    return items;
  }

  expectEnd() {
    if (this.#at !== this.#bytes.length) {
      throw new MalformedTransaction('bytes left after the end');
    }
  }
}
