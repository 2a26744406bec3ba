/**
 * An append-only journal in numbered segment files. A record is framed as
 *   [0..4] payload length   [4..8] CRC-32 of the payload   [8..] payload       (little-endian)
 * Appends of one moment are written and synchronised together; `durable()` resolves once they are on disk.
 * Only the end of the last segment may be torn (the process died while writing); it is cut off at opening.
 */
import {
  closeSync, fdatasync, fsyncSync, ftruncateSync, openSync, readdirSync, readFileSync, readSync, unlinkSync, write,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';

const writeAsync = promisify(write);
const fdatasyncAsync = promisify(fdatasync);

const FRAME_BYTES = 8;
const MAX_RECORD_BYTES = 64 * 1024 * 1024;
const NAME = /^journal-(\d{8})\.log$/;

/** @typedef {{segment: number, offset: number, length: number, pending: Buffer | null}} Location */

/** Journal damage that no crash of this process explains: nothing is cut off, nothing is started. */
export class DamagedJournal extends Error {}

/** @param {Buffer} payload */
export function frame(payload) {
  const head = Buffer.allocUnsafe(FRAME_BYTES);
  head.writeUInt32LE(payload.length, 0);
  head.writeUInt32LE(crc32(payload), 4);
  return head;
}

/**
 * @param {Buffer} bytes
 * @param {(payload: Buffer, offset: number) => void} onRecord
 * @returns {number} where the valid records end
 */
export function readFrames(bytes, onRecord) {
  let at = 0;
  while (at + FRAME_BYTES <= bytes.length) {
    const length = bytes.readUInt32LE(at);
    const start = at + FRAME_BYTES;
    if (length === 0 || length > MAX_RECORD_BYTES || start + length > bytes.length) {
      break;
    }
    const payload = bytes.subarray(start, start + length);
    if (crc32(payload) !== bytes.readUInt32LE(at + 4)) {
      break;
    }
    onRecord(payload, start);
    at = start + length;
  }
  return at;
}

export class Journal {
  #directory;
  #files = new Map();
  #segment = 0;
  #size = 0;
  #records = 0;
  #queue = [];
  #waiters = [];
  #writing = null;
  #onFailure;

  /**
   * @param {string} directory
   * @param {(error: Error) => void} onFailure the disk refused: what was answered before is safe, nothing after is
   */
  constructor(directory, onFailure) {
    this.#directory = directory;
    this.#onFailure = onFailure;
  }

  get segment() {
    return this.#segment;
  }

  /** Records and bytes in the present segment. */
  get records() {
    return this.#records;
  }

  get bytes() {
    return this.#size;
  }

  get segments() {
    return [...this.#files.keys()];
  }

  /**
   * Reads all segments in order and opens the last one for appending, or the first one when there is none.
   * @param {(payload: Buffer, location: Location) => void} onRecord
   * @returns {number} bytes cut off from a torn end
   */
  open(onRecord) {
    const numbers = readdirSync(this.#directory)
      .map((name) => Number(NAME.exec(name)?.[1]))
      .filter((number) => number > 0)
      .sort((a, b) => a - b);
    let cut = 0;
    for (const number of numbers) {
      cut = this.#readSegment(number, number === numbers[numbers.length - 1], onRecord);
    }
    if (numbers.length === 0) {
      this.#create(1);
    }
    return cut;
  }

  #readSegment(number, isLast, onRecord) {
    const bytes = readFileSync(this.#path(number));
    let records = 0;
    const end = readFrames(bytes, (payload, offset) => {
      records++;
      onRecord(payload, { segment: number, offset, length: payload.length, pending: null });
    });
    if (end < bytes.length && !isLast) {
      throw new DamagedJournal(`${this.#path(number)} is damaged at byte ${end}; restore it from a copy`);
    }
    const file = openSync(this.#path(number), isLast ? 'r+' : 'r');
    if (isLast && end < bytes.length) {
      ftruncateSync(file, end);
      fsyncSync(file);
    }
    this.#files.set(number, file);
    this.#segment = number;
    this.#size = end;
    this.#records = records;
    return bytes.length - end;
  }

  #create(number) {
    this.#files.set(number, openSync(this.#path(number), 'wx+', 0o600));
    syncDirectory(this.#directory);
    this.#segment = number;
    this.#size = 0;
    this.#records = 0;
  }

  #path(number) {
    return join(this.#directory, `journal-${String(number).padStart(8, '0')}.log`);
  }

  /** @param {Buffer} payload @returns {Location} where it can be read from now on */
  append(payload) {
    const offset = this.#size + FRAME_BYTES;
    const location = { segment: this.#segment, offset, length: payload.length, pending: payload };
    this.#queue.push({ position: this.#size, location });
    this.#size += FRAME_BYTES + payload.length;
    this.#records++;
    this.#writing ??= this.#writeAll();
    return location;
  }

  /** Resolves when everything appended so far is on disk. */
  durable() {
    if (this.#writing === null) {
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  async #writeAll() {
    // Requests of the same turn of the event loop share one write.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      while (this.#queue.length > 0) {
        const batch = this.#queue;
        const waiters = this.#waiters;
        this.#queue = [];
        this.#waiters = [];
        await this.#writeBatch(batch);
        waiters.forEach((resolve) => resolve());
      }
      this.#writing = null;
      this.#waiters.splice(0).forEach((resolve) => resolve());
    } catch (error) {
      this.#onFailure(error);
    }
  }

  async #writeBatch(batch) {
    for (let from = 0, to; from < batch.length; from = to) {
      const { segment } = batch[from].location;
      to = from + 1;
      while (to < batch.length && batch[to].location.segment === segment) {
        to++;
      }
      await this.#writeRun(this.#files.get(segment), batch.slice(from, to));
    }
  }

  async #writeRun(file, run) {
    const parts = run.flatMap(({ location }) => [frame(location.pending), location.pending]);
    const whole = Buffer.concat(parts);
    for (let at = 0; at < whole.length; ) {
      const { bytesWritten } = await writeAsync(file, whole, at, whole.length - at, run[0].position + at);
      at += bytesWritten;
    }
    await fdatasyncAsync(file);
    for (const { location } of run) {
      location.pending = null;
    }
  }

  /** @param {Location} location */
  read({ segment, offset, length, pending }) {
    if (pending !== null) {
      return pending;
    }
    const payload = Buffer.allocUnsafe(length);
    if (readSync(this.#files.get(segment), payload, 0, length, offset) !== length) {
      throw new DamagedJournal(`${this.#path(segment)} ends before byte ${offset + length}`);
    }
    return payload;
  }

  /** Begins a new segment; returns its number. */
  rotate() {
    this.#create(this.#segment + 1);
    return this.#segment;
  }

  /** Forgets a segment that is not the last one. */
  drop(number) {
    closeSync(this.#files.get(number));
    this.#files.delete(number);
    unlinkSync(this.#path(number));
  }

  async close() {
    await this.durable();
    for (const file of this.#files.values()) {
      closeSync(file);
    }
    this.#files.clear();
  }
}

/** Makes a new or renamed file's name itself durable. */
export function syncDirectory(directory) {
  const handle = openSync(directory, 'r');
  fsyncSync(handle);
  closeSync(handle);
}
