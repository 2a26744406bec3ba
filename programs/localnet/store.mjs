/** The chain's state on disk: newest snapshot, the journal after it, older journal segments as history. */
import { Journal } from './journal.mjs';
import { decodeRecord } from './records.mjs';
import { BLOCKHASH_AGE } from './slots.mjs';
import { readNewestSnapshot, writeSnapshot } from './snapshot.mjs';

const SEGMENT_BYTES = 64 * 1024 * 1024;

export class Store {
  #options;
  #journal;
  #snapshotNumber = 0;
  #snapshot = null;

  /**
   * @param {object} options
   * @param {string} options.state folder
   * @param {number} options.history transactions to keep
   * @param {number} options.snapshotEvery records between snapshots
   * @param {(error: Error) => void} options.onFailure
   */
  constructor(options) {
    this.#options = options;
    this.#journal = new Journal(options.state, options.onFailure);
  }

  /**
   * Reads everything: the snapshot, then all segments in the order of writing. Records of segments before the
   * snapshot come without `writes` and `meta`: what they did is in the snapshot.
   * @param {(record: ReturnType<typeof decodeRecord>) => void} onSnapshotRecord
   * @param {(record: ReturnType<typeof decodeRecord>, location: import('./journal.mjs').Location) => void} onRecord
   * @returns {number} bytes cut off from a torn end
   */
  open(onSnapshotRecord, onRecord) {
    this.#snapshotNumber = readNewestSnapshot(this.#options.state, onSnapshotRecord);
    return this.#journal.open((payload, location) => {
      onRecord(decodeRecord(payload, location.segment < this.#snapshotNumber), location);
    });
  }

  /** Whether the present segment has no record yet. */
  get isEmpty() {
    return this.#journal.records === 0;
  }

  /** @param {Buffer} payload */
  append(payload) {
    return this.#journal.append(payload);
  }

  /** Resolves once everything appended so far is on disk. */
  durable() {
    return this.#journal.durable();
  }

  /** @param {import('./journal.mjs').Location} location */
  read(location) {
    return decodeRecord(this.#journal.read(location));
  }

  /**
   * Takes a snapshot when enough has been appended.
   * @param {object} chain
   * @param {() => Buffer[]} chain.capture the whole present state as records
   * @param {() => void} chain.beginSegment
   * @param {import('./ledger.mjs').Ledger} chain.ledger
   * @param {import('./slots.mjs').Slots} chain.slots
   */
  snapshotIfDue(chain) {
    const isDue = this.#journal.records >= this.#options.snapshotEvery || this.#journal.bytes >= SEGMENT_BYTES;
    if (isDue && this.#snapshot === null) {
      this.#snapshot = this.#takeSnapshot(chain)
        .catch(this.#options.onFailure)
        .finally(() => {
          this.#snapshot = null;
        });
    }
  }

  async #takeSnapshot({ capture, beginSegment, ledger, slots }) {
    // In one turn: the snapshot is the state at the very end of the old segment.
    const payloads = capture();
    const number = this.#journal.rotate();
    beginSegment();
    await this.#journal.durable();
    await writeSnapshot(this.#options.state, number, payloads);
    this.#snapshotNumber = number;
    this.#forgetOldHistory(ledger, slots.slot);
  }

  // A transaction stays known while its blockhash is good, however small the history: it must not run twice.
  #forgetOldHistory(ledger, slot) {
    for (const segment of this.#journal.segments.filter((number) => number < this.#snapshotNumber)) {
      const { count, lastSlot } = ledger.segment(segment);
      if (ledger.size - count < this.#options.history || lastSlot + BLOCKHASH_AGE >= slot) {
        return;
      }
      ledger.forgetThrough(segment);
      this.#journal.drop(segment);
    }
  }

  async close() {
    await this.#snapshot;
    await this.#journal.close();
  }
}
