// Golden vectors of the protocol, by an implementation independent of the C# one: bytes are written with DataView, signatures
// made by @noble/curves, MACs and digests by @noble/hashes, Base58 by @scure/base. Everything derives from fixed seeds, so
// that running it again changes nothing. Layouts: docs/PROTOCOL.md.
import { writeFileSync } from 'node:fs';
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { base58, base64, hex } from '@scure/base';

const text = (value) => new TextEncoder().encode(value);
const seed = (name) => sha256(text(`gridtokenx vector seed: ${name}`));
const isoSeconds = (unix) => new Date(Number(unix) * 1000).toISOString().replace('.000Z', 'Z');
const uuidBytes = (uuid) => hex.decode(uuid.replaceAll('-', ''));

/** Fixed layout, big-endian: a list of [kind, value]. */
function bytes(...fields) {
  const parts = fields.map(([kind, value]) => {
    if (kind === 'tag') {
      const tag = new Uint8Array(16);
      tag.set(text(value));
      return tag;
    }
    if (kind === 'raw') {
      return value;
    }
    const size = { u8: 1, u16: 2, u32: 4, u64: 8 }[kind];
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, BigInt(value));
    return new Uint8Array(view.buffer).slice(8 - size);
  });
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

function reading(name, fields) {
  const secret = seed(name);
  const device = ed25519.getPublicKey(secret);
  const canonical = bytes(
    ['tag', 'GTX/reading/v1'], ['raw', device], ['u64', fields.sequence], ['u64', fields.end],
    ['u64', fields.production], ['u64', fields.consumption], ['u16', fields.soc], ['u16', fields.flags],
    ['u32', fields.interval]);
  return {
    name,
    seed: hex.encode(secret),
    canonical: hex.encode(canonical),
    json: {
      device: base58.encode(device),
      sequence: fields.sequence,
      timestamp: isoSeconds(fields.end),
      production_wh: fields.production,
      consumption_wh: fields.consumption,
      soc_permille: fields.soc,
      flags: fields.flags,
      interval_s: fields.interval,
      signature: base58.encode(ed25519.sign(canonical, secret)),
    },
  };
}

function command(name, fields) {
  const device = ed25519.getPublicKey(seed(name));
  const commandKey = seed(`${name} command key`);
  const canonical = bytes(
    ['tag', 'GTX/command/v1'], ['raw', device], ['u64', fields.counter], ['u8', { lock: 1, release: 2 }[fields.kind]],
    ['raw', uuidBytes(fields.order)], ['u64', fields.energy], ['u64', fields.expires]);
  return {
    name,
    command_key: hex.encode(commandKey),
    canonical: hex.encode(canonical),
    json: {
      device: base58.encode(device),
      counter: fields.counter,
      kind: fields.kind,
      order: fields.order,
      energy_wh: fields.energy,
      expires: fields.expires,
      mac: base58.encode(hmac(sha256, commandKey, canonical)),
    },
  };
}

const states = ['none', 'idle', 'locked', 'delivering'];
const causes = ['none', 'boot', 'lock_accepted', 'delivery_began', 'delivered', 'released', 'expired', 'refused'];
const refusals = ['none', 'counter', 'expired', 'energy_unavailable', 'busy', 'unknown_order', 'time_unknown'];

function state(name, fields) {
  const secret = seed(name);
  const device = ed25519.getPublicKey(secret);
  const canonical = bytes(
    ['tag', 'GTX/state/v1'], ['raw', device], ['u64', fields.sequence], ['u64', fields.time], ['u64', fields.counter],
    ['u8', states.indexOf(fields.state)], ['u8', causes.indexOf(fields.cause)], ['u8', refusals.indexOf(fields.refusal)],
    ['u8', 0], ['u16', fields.soc], ['u16', fields.flags], ['raw', uuidBytes(fields.order)], ['u64', fields.energy],
    ['u64', fields.delivered]);
  return {
    name,
    seed: hex.encode(secret),
    canonical: hex.encode(canonical),
    json: {
      device: base58.encode(device),
      sequence: fields.sequence,
      timestamp: isoSeconds(fields.time),
      counter: fields.counter,
      state: fields.state,
      cause: fields.cause,
      refusal: fields.refusal,
      soc_permille: fields.soc,
      flags: fields.flags,
      order: fields.order,
      energy_wh: fields.energy,
      delivered_wh: fields.delivered,
      signature: base58.encode(ed25519.sign(canonical, secret)),
    },
  };
}

function registration(name) {
  const secret = seed(name);
  const device = ed25519.getPublicKey(secret);
  const owner = ed25519.getPublicKey(seed(`${name} owner`));
  const gateway = ed25519.getPublicKey(seed(`${name} gateway`));
  const canonical = bytes(['tag', 'GTX/register/v1'], ['raw', device], ['raw', owner], ['raw', gateway]);
  return {
    name,
    device: base58.encode(device),
    owner: base58.encode(owner),
    gateway: base58.encode(gateway),
    canonical: hex.encode(canonical),
    consent: base58.encode(ed25519.sign(canonical, secret)),
  };
}

/** X25519 between the device's key, which follows from its Ed25519 key, and the cloud's key for this device. */
function pairing(name) {
  const secret = seed(name);
  const cloudSecret = seed(`${name} cloud`);
  const device = ed25519.getPublicKey(secret);
  const cloud = x25519.getPublicKey(cloudSecret);
  const shared = x25519.getSharedSecret(cloudSecret, ed25519.utils.toMontgomery(device));
  const keyMaterial = bytes(['tag', 'GTX/pairing/v1'], ['raw', shared], ['raw', device], ['raw', cloud]);
  const codeMaterial = bytes(['tag', 'GTX/paircode/v1'], ['raw', device], ['raw', cloud]);
  const bits = [...sha512(codeMaterial)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const values = Array.from({ length: 12 }, (_, i) => parseInt(bits.slice(5 * i, (5 * i) + 5), 2));
  const letters = values.map((value) => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[value]).join('');
  return {
    name,
    seed: hex.encode(secret),
    cloud_secret: hex.encode(cloudSecret),
    device: base58.encode(device),
    cloud_key: base58.encode(cloud),
    shared: hex.encode(shared),
    command_key: hex.encode(sha512(keyMaterial).slice(0, 32)),
    code: `${letters.slice(0, 4)}-${letters.slice(4, 8)}-${letters.slice(8)}`,
    check_digit: 1 + (values.reduce((sum, value, i) => sum + ((i + 1) * value), 0) % 9),
  };
}

/** RFC 9421: the signature base, line by line, and the three headers. */
function request(name, { method, path, query, body, idempotencyKey, created }) {
  const secret = seed(name);
  const keyid = base58.encode(ed25519.getPublicKey(secret));
  const digest = body === '' ? null : `sha-256=:${base64.encode(sha256(text(body)))}:`;
  const covered = [['@method', method], ['@path', path], ['@query', query === '' ? '?' : query]];
  if (digest !== null) {
    covered.push(['content-digest', digest]);
  }
  if (idempotencyKey !== null) {
    covered.push(['idempotency-key', idempotencyKey]);
  }
  const names = covered.map(([component]) => `"${component}"`).join(' ');
  const parameters = `(${names});created=${created};keyid="${keyid}";alg="ed25519"`;
  const lines = covered.map(([component, value]) => `"${component}": ${value}`);
  const base = [...lines, `"@signature-params": ${parameters}`].join('\n');
  return {
    name, method, path, query, body, idempotency_key: idempotencyKey, created, seed: hex.encode(secret),
    signature_input: `sig=${parameters}`,
    signature: `sig=:${base64.encode(ed25519.sign(text(base), secret))}:`,
    content_digest: digest,
  };
}

const order = '018f4f6e-9d2b-7c31-8a54-0123456789ab';
const nobody = '00000000-0000-0000-0000-000000000000';
const vectors = {
  readings: [
    reading('first reading', {
      sequence: 1, end: 1764550800, production: 0, consumption: 0, soc: 0xFFFF, flags: 0, interval: 300 }),
    reading('sunny noon', {
      sequence: 4711, end: 1782907200, production: 25_000, consumption: 10_000, soc: 873, flags: 2, interval: 900 }),
    reading('every flag', {
      sequence: 99, end: 1, production: 1, consumption: 2, soc: 0, flags: 15, interval: 1 }),
    reading('largest exact numbers', {
      sequence: Number.MAX_SAFE_INTEGER, end: 253402300799, production: Number.MAX_SAFE_INTEGER,
      consumption: Number.MAX_SAFE_INTEGER - 1, soc: 1000, flags: 8, interval: 86400 }),
  ],
  commands: [
    command('lock', { counter: 1, kind: 'lock', order, energy: 1500, expires: 1764552600 }),
    command('release', { counter: 2, kind: 'release', order, energy: 0, expires: 1764553500 }),
    command('high counter', { counter: Number.MAX_SAFE_INTEGER, kind: 'lock', order, energy: 1, expires: 253402300799 }),
  ],
  states: [
    state('boot', {
      sequence: 1, time: 1764550800, counter: 0, state: 'idle', cause: 'boot', refusal: 'none', soc: 0xFFFF, flags: 0,
      order: nobody, energy: 0, delivered: 0 }),
    state('locked', {
      sequence: 2, time: 1764550805, counter: 1, state: 'locked', cause: 'lock_accepted', refusal: 'none', soc: 640,
      flags: 2, order, energy: 1500, delivered: 0 }),
    state('refused', {
      sequence: 3, time: 1764550806, counter: 2, state: 'locked', cause: 'refused', refusal: 'busy', soc: 640, flags: 2,
      order, energy: 1500, delivered: 20 }),
    state('delivered', {
      sequence: 4, time: 1764551700, counter: 1, state: 'idle', cause: 'delivered', refusal: 'none', soc: 512, flags: 0,
      order, energy: 1500, delivered: 1500 }),
  ],
  registrations: [registration('consent')],
  pairings: [pairing('first home'), pairing('second home'), pairing('third home')],
  requests: [
    request('get without body', {
      method: 'GET', path: '/api/chain', query: '', body: '', idempotencyKey: null, created: 1764550800 }),
    request('get with query', {
      method: 'GET', path: '/api/trading/orders/active', query: '?zone=z1&side=sell', body: '', idempotencyKey: null,
      created: 1764550801 }),
    request('post with everything', {
      method: 'POST', path: '/api/trading/orders/create', query: '', body: '{"amount_kwh":1.5,"price_per_kwh":3}',
      idempotencyKey: 'order-0001', created: 1764550802 }),
  ],
};

for (const [name, list] of Object.entries(vectors)) {
  writeFileSync(new URL(`${name}.json`, import.meta.url), `${JSON.stringify(list, null, 2)}\n`);
}
