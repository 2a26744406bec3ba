/** Base58 (Bitcoin alphabet) and JSON with 64-bit integers, as Solana's RPC writes them. */

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const DIGIT = new Int8Array(128).fill(-1);
for (let i = 0; i < ALPHABET.length; i++) {
  DIGIT[ALPHABET.charCodeAt(i)] = i;
}

// Five Base58 digits at a time over 16-bit limbs: every product stays below 2^46, exact in a double.
const CHUNK_DIGITS = 5;
const CHUNK = 58 ** CHUNK_DIGITS;
const LIMB = 65536;

/** @param {Uint8Array} bytes */
export function encodeBase58(bytes) {
  let zeros = 0;
  while (zeros < bytes.length && bytes[zeros] === 0) {
    zeros++;
  }
  const limbs = toLimbs(bytes, zeros);
  let text = '';
  let start = 0;
  while (start < limbs.length) {
    let remainder = 0;
    for (let i = start; i < limbs.length; i++) {
      const value = remainder * LIMB + limbs[i];
      limbs[i] = Math.floor(value / CHUNK);
      remainder = value % CHUNK;
    }
    while (start < limbs.length && limbs[start] === 0) {
      start++;
    }
    text = chunkText(remainder, start === limbs.length) + text;
  }
  return '1'.repeat(zeros) + text;
}

function toLimbs(bytes, from) {
  const count = bytes.length - from;
  const limbs = new Array((count + 1) >> 1);
  let at = from;
  for (let i = 0; i < limbs.length; i++) {
    const high = i === 0 && (count & 1) === 1 ? 0 : bytes[at++];
    limbs[i] = high * 256 + bytes[at++];
  }
  return limbs;
}

function chunkText(value, isLeading) {
  let text = '';
  for (let i = 0; i < CHUNK_DIGITS && (value > 0 || !isLeading); i++) {
    text = ALPHABET[value % 58] + text;
    value = Math.floor(value / 58);
  }
  return text;
}

/**
 * @param {string} text
 * @param {number} maxLength longest text that is looked at: the work grows with its square
 * @returns {Buffer | null} null when the text is not Base58 or too long
 */
export function decodeBase58(text, maxLength = 1700) {
  if (text.length > maxLength) {
    return null;
  }
  let zeros = 0;
  while (zeros < text.length && text[zeros] === '1') {
    zeros++;
  }
  const limbs = [];
  for (let at = zeros; at < text.length; at += CHUNK_DIGITS) {
    const end = Math.min(at + CHUNK_DIGITS, text.length);
    let carry = 0;
    for (let i = at; i < end; i++) {
      const digit = DIGIT[text.charCodeAt(i)] ?? -1;
      if (digit < 0) {
        return null;
      }
      carry = carry * 58 + digit;
    }
    const factor = 58 ** (end - at);
    for (let i = 0; i < limbs.length; i++) {
      const value = limbs[i] * factor + carry;
      limbs[i] = value % LIMB;
      carry = Math.floor(value / LIMB);
    }
    while (carry > 0) {
      limbs.push(carry % LIMB);
      carry = Math.floor(carry / LIMB);
    }
  }
  return fromLimbs(limbs, zeros);
}

function fromLimbs(limbs, zeros) {
  const bytes = [];
  for (const limb of limbs) {
    bytes.push(limb & 255, limb >> 8);
  }
  while (bytes.length > 0 && bytes[bytes.length - 1] === 0) {
    bytes.pop();
  }
  return Buffer.concat([Buffer.alloc(zeros), Buffer.from(bytes.reverse())]);
}

const ADDRESS_TEXTS = 50_000;
const addressTexts = new Map();

/** The Base58 text of a 32-byte address; the most used ones are remembered. @param {Uint8Array} bytes */
export function addressText(bytes) {
  const key = keyOf(bytes);
  let text = addressTexts.get(key);
  if (text === undefined) {
    text = encodeBase58(bytes);
    if (addressTexts.size >= ADDRESS_TEXTS) {
      addressTexts.clear();
    }
    addressTexts.set(key, text);
  }
  return text;
}

/** Bytes as a map key: one character a byte. @param {Uint8Array} bytes */
export function keyOf(bytes) {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).latin1Slice();
}

/** @param {string} key */
export function bytesOfKey(key) {
  return Buffer.from(key, 'latin1');
}

/**
 * JSON in which a bigint is a plain integer of any size, as Solana's nodes write u64 values;
 * JSON.stringify cannot do that. Undefined members are left out.
 */
export function toJson(value) {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Number.isFinite(value) ? String(value) : 'null';
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? arrayJson(value) : objectJson(value);
    default:
      throw new TypeError(`${typeof value} has no JSON form`);
  }
}

function arrayJson(values) {
  let text = '[';
  for (let i = 0; i < values.length; i++) {
    text += (i === 0 ? '' : ',') + toJson(values[i]);
  }
  return text + ']';
}

function objectJson(object) {
  let text = '{';
  for (const name of Object.keys(object)) {
    const value = object[name];
    if (value !== undefined) {
      text += (text.length === 1 ? '' : ',') + JSON.stringify(name) + ':' + toJson(value);
    }
  }
  return text + '}';
}
