/**
 * Slots, blockhashes and the chain's time. Slots follow wall time while the process runs (a stopped chain stands
 * still), one block a slot; a blockhash is a function of the genesis hash and its slot, so it needs no storage.
 */
import { createHash } from 'node:crypto';
import { encodeBase58, keyOf } from './encoding.mjs';

export const SLOT_MS = 400;
/** A blockhash is good for so many blocks after its own. */
export const BLOCKHASH_AGE = 150;
const KEPT_BLOCKHASHES = 2 * BLOCKHASH_AGE;
const KEPT_BLOCK_TIMES = 200_000;

export class Slots {
  #genesisHash;
  #baseSlot;
  #slot;
  #unixTime;
  #anchorSlot;
  #anchorMs;
  #bySlot = new Map();
  #byHash = new Map();
  #times = [];
  #simulated;

  /**
   * @param {object} start
   * @param {Buffer} start.genesisHash
   * @param {number} start.baseSlot the slot of block height 0
   * @param {boolean} start.simulated time stands still until setTime
   */
  constructor({ genesisHash, baseSlot, simulated }) {
    this.#genesisHash = genesisHash;
    this.#baseSlot = baseSlot;
    this.#slot = baseSlot;
    this.#simulated = simulated;
    this.#unixTime = 0;
    this.#times = [{ slot: baseSlot, unixTime: 0 }];
  }

  get slot() {
    return this.#slot;
  }

  get baseSlot() {
    return this.#baseSlot;
  }

  get blockHeight() {
    return this.#slot - this.#baseSlot;
  }

  get unixTime() {
    return this.#unixTime;
  }

  get blockhash() {
    return this.#hashOf(this.#slot);
  }

  get blockhashText() {
    return encodeBase58(this.blockhash);
  }

  /** Takes back what the journal remembers; call in the order of writing. */
  restore(slot, unixTime) {
    this.#slot = slot;
    this.#unixTime = unixTime;
    this.#rememberTime();
  }

  /** After restoring: wall time runs from here. */
  start(nowMs, wallSeconds) {
    this.#anchorSlot = this.#slot;
    this.#anchorMs = nowMs;
    this.#byHash.clear();
    this.#bySlot.clear();
    this.#moveTo(this.#slot, wallSeconds);
  }

  /**
   * @param {number} nowMs monotonic milliseconds
   * @param {number} wallSeconds Unix time
   * @returns {boolean} whether a new slot began
   */
  advance(nowMs, wallSeconds) {
    const slot = this.#anchorSlot + Math.floor((nowMs - this.#anchorMs) / SLOT_MS);
    if (slot <= this.#slot) {
      return false;
    }
    this.#moveTo(slot, wallSeconds);
    return true;
  }

  /** Begins the next slot before its time; later slots move forward with it. */
  skipAhead(wallSeconds) {
    this.#anchorSlot += 1;
    this.#moveTo(this.#slot + 1, wallSeconds);
  }

  setTime(unixTime) {
    this.#unixTime = unixTime;
    this.#rememberTime();
  }

  #moveTo(slot, wallSeconds) {
    this.#slot = slot;
    if (!this.#simulated) {
      this.#unixTime = Math.max(this.#unixTime, wallSeconds);
    }
    this.#rememberTime();
    this.#rememberHashes();
  }

  #rememberTime() {
    const last = this.#times[this.#times.length - 1];
    if (last.slot === this.#slot) {
      last.unixTime = this.#unixTime;
    } else {
      this.#times.push({ slot: this.#slot, unixTime: this.#unixTime });
    }
    if (this.#times.length > 2 * KEPT_BLOCK_TIMES) {
      this.#times = this.#times.slice(-KEPT_BLOCK_TIMES);
    }
  }

  #rememberHashes() {
    const oldest = Math.max(this.#slot - KEPT_BLOCKHASHES + 1, this.#baseSlot);
    for (const [slot, hash] of this.#bySlot) {
      if (slot >= oldest) {
        break;
      }
      this.#bySlot.delete(slot);
      this.#byHash.delete(keyOf(hash));
    }
    for (let slot = oldest; slot <= this.#slot; slot++) {
      if (!this.#bySlot.has(slot)) {
        const hash = this.#hashOf(slot);
        this.#bySlot.set(slot, hash);
        this.#byHash.set(keyOf(hash), slot);
      }
    }
  }

  #hashOf(slot) {
    const known = this.#bySlot.get(slot);
    if (known !== undefined) {
      return known;
    }
    const number = Buffer.alloc(8);
    number.writeBigUInt64LE(BigInt(slot));
    return createHash('sha256').update(this.#genesisHash).update(number).digest();
  }

  /** @param {Buffer} hash */
  isRecent(hash) {
    const slot = this.#byHash.get(keyOf(hash));
    return slot !== undefined && this.#slot - slot <= BLOCKHASH_AGE;
  }

  /** Slots and hashes before the present one, newest first, as the SlotHashes sysvar lists them. */
  recentHashes() {
    return [...this.#bySlot].filter(([slot]) => slot < this.#slot).reverse();
  }

  /** @returns {number | null} null for a slot that has not begun or is no longer known */
  timeOf(slot) {
    if (slot > this.#slot || slot < this.#times[0].slot) {
      return null;
    }
    let low = 0;
    let high = this.#times.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#times[middle].slot <= slot) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    const known = this.#times[low];
    const elapsed = this.#simulated ? 0 : Math.floor(((slot - known.slot) * SLOT_MS) / 1000);
    return known.unixTime + elapsed;
  }
}
