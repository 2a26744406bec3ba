/** An index of the transactions in the journal: by signature, and by every address they name. */
import { bytesOfKey, encodeBase58, keyOf } from './encoding.mjs';

/**
 * @typedef {object} LedgerEntry
 * @property {number} ordinal counts up from the chain's first transaction that is still remembered
 * @property {string} key the signature's bytes
 * @property {number} slot
 * @property {number} unixTime
 * @property {import('./transaction-error.mjs').TransactionErrorJson | null} err
 * @property {string | null} memo
 * @property {import('./journal.mjs').Location} location
 */

export class Ledger {
  #bySignature = new Map();
  #byAddress = new Map();
  #entries = [];
  #firstOrdinal = 0;

  get size() {
    return this.#entries.length;
  }

  /**
   * @param {Omit<LedgerEntry, 'ordinal'>} entry
   * @param {Buffer[]} addresses without repetition
   */
  add(entry, addresses) {
    const ordinal = this.#firstOrdinal + this.#entries.length;
    const added = { ordinal, ...entry };
    this.#entries.push(added);
    this.#bySignature.set(added.key, added);
    for (const address of addresses) {
      const key = keyOf(address);
      const ordinals = this.#byAddress.get(key);
      if (ordinals === undefined) {
        this.#byAddress.set(key, [ordinal]);
      } else {
        ordinals.push(ordinal);
      }
    }
    return added;
  }

  /** @param {string} key @returns {LedgerEntry | undefined} */
  find(key) {
    return this.#bySignature.get(key);
  }

  /**
   * Newest first.
   * @param {Buffer} address
   * @param {{before?: string, until?: string, limit: number}} range signatures as keys
   * @returns {LedgerEntry[]}
   */
  ofAddress(address, { before, until, limit }) {
    const ordinals = this.#byAddress.get(keyOf(address)) ?? [];
    const last = before === undefined ? Infinity : (this.find(before)?.ordinal ?? -1);
    const first = until === undefined ? -1 : (this.find(until)?.ordinal ?? -1);
    const found = [];
    for (let i = firstAtLeast(ordinals, last) - 1; i >= 0 && found.length < limit; i--) {
      if (ordinals[i] <= first || ordinals[i] < this.#firstOrdinal) {
        break;
      }
      found.push(this.#entries[ordinals[i] - this.#firstOrdinal]);
    }
    return found;
  }

  /** The oldest remembered transaction. @returns {LedgerEntry | undefined} */
  get oldest() {
    return this.#entries[0];
  }

  /** How many transactions stand in a segment, and the slot of its last one. */
  segment(number) {
    const entries = this.#entries.filter(({ location }) => location.segment === number);
    return { count: entries.length, lastSlot: entries[entries.length - 1]?.slot ?? 0 };
  }

  /** Forgets the transactions of the segments up to and including `number`. */
  forgetThrough(number) {
    const kept = this.#entries.findIndex(({ location }) => location.segment > number);
    const gone = this.#entries.splice(0, kept < 0 ? this.#entries.length : kept);
    this.#firstOrdinal += gone.length;
    for (const { key } of gone) {
      this.#bySignature.delete(key);
    }
    for (const [address, ordinals] of this.#byAddress) {
      ordinals.splice(0, firstAtLeast(ordinals, this.#firstOrdinal));
      if (ordinals.length === 0) {
        this.#byAddress.delete(address);
      }
    }
  }
}

/** @param {LedgerEntry} entry */
export function signatureText({ key }) {
  return encodeBase58(bytesOfKey(key));
}

function firstAtLeast(sorted, value) {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
