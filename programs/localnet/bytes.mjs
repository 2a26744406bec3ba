/** Appends little-endian fields to one growing buffer. */
export class ByteWriter {
  #buffer;
  #length = 0;

  /** @param {number} capacity first guess of the size in bytes */
  constructor(capacity = 1024) {
    this.#buffer = Buffer.allocUnsafe(capacity);
  }

  #reserve(count) {
    const start = this.#length;
    const end = start + count;
    if (end > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(end, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, start);
      this.#buffer = larger;
    }
    this.#length = end;
    return start;
  }

  u8(value) {
    const at = this.#reserve(1);
    this.#buffer[at] = value;
    return this;
  }

  u32(value) {
    const at = this.#reserve(4);
    this.#buffer.writeUInt32LE(value, at);
    return this;
  }

  /** @param {bigint} value */
  u64(value) {
    const at = this.#reserve(8);
    this.#buffer.writeBigUInt64LE(value, at);
    return this;
  }

  /** A number that is a safe integer, signed, stored in 8 bytes. */
  i64(value) {
    const at = this.#reserve(8);
    this.#buffer.writeBigInt64LE(BigInt(value), at);
    return this;
  }

  /** @param {Uint8Array} bytes of a length the reader knows */
  raw(bytes) {
    const at = this.#reserve(bytes.length);
    this.#buffer.set(bytes, at);
    return this;
  }

  /** @param {Uint8Array} bytes with their length in front */
  blob(bytes) {
    return this.u32(bytes.length).raw(bytes);
  }

  /** @param {unknown} value anything JSON can hold */
  json(value) {
    return this.blob(Buffer.from(JSON.stringify(value)));
  }

  bytes() {
    return this.#buffer.subarray(0, this.#length);
  }
}

/** Reads what ByteWriter wrote; a RangeError means that the bytes end too early. */
export class ByteReader {
  #buffer;
  #at = 0;

  /** @param {Buffer} buffer */
  constructor(buffer) {
    this.#buffer = buffer;
  }

  get left() {
    return this.#buffer.length - this.#at;
  }

  u8() {
    const value = this.#buffer.readUInt8(this.#at);
    this.#at += 1;
    return value;
  }

  u32() {
    const value = this.#buffer.readUInt32LE(this.#at);
    this.#at += 4;
    return value;
  }

  u64() {
    const value = this.#buffer.readBigUInt64LE(this.#at);
    this.#at += 8;
    return value;
  }

  i64() {
    const value = Number(this.#buffer.readBigInt64LE(this.#at));
    this.#at += 8;
    return value;
  }

  raw(length) {
    if (length > this.left) {
      throw new RangeError(`${length} bytes wanted, ${this.left} left`);
    }
    const value = this.#buffer.subarray(this.#at, this.#at + length);
    this.#at += length;
    return value;
  }

  blob() {
    return this.raw(this.u32());
  }

  json() {
    return JSON.parse(this.blob().toString());
  }
}
