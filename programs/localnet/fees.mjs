/** What a transaction pays, by Solana's rules: a base fee for each signature, and the compute price if it names one. */
import { decodeBase58, keyOf } from './encoding.mjs';

const LAMPORTS_PER_SIGNATURE = 5000n;
const COMPUTE_BUDGET = programKey('ComputeBudget111111111111111111111111111111');
const SIGNATURE_PROGRAMS = new Set([
  programKey('Ed25519SigVerify111111111111111111111111111'),
  programKey('KeccakSecp256k11111111111111111111111111111'),
  programKey('Secp256r1SigVerify1111111111111111111111111'),
]);
const BUILTIN_PROGRAMS = new Set([
  programKey('11111111111111111111111111111111'),
  programKey('Vote111111111111111111111111111111111111111'),
  programKey('BPFLoader1111111111111111111111111111111111'),
  programKey('BPFLoader2111111111111111111111111111111111'),
  programKey('BPFLoaderUpgradeab1e11111111111111111111111'),
  programKey('LoaderV411111111111111111111111111111111111'),
  COMPUTE_BUDGET,
  ...SIGNATURE_PROGRAMS,
]);
const SET_UNIT_LIMIT = 2;
const SET_UNIT_PRICE = 3;
const MAX_UNITS = 1_400_000;
const DEFAULT_UNITS = 200_000;
const BUILTIN_UNITS = 3_000;
const MICRO_LAMPORTS = 1_000_000n;

function programKey(text) {
  return keyOf(decodeBase58(text));
}

/**
 * @param {Pick<import('./transaction.mjs').Transaction, 'header' | 'keys' | 'instructions'>} message
 * @returns {bigint} lamports
 */
export function feeOf({ header, keys, instructions }) {
  let signatures = header.signers;
  let unitLimit = null;
  let unitPrice = 0n;
  let defaultUnits = 0;
  for (const { programIdIndex, data } of instructions) {
    const program = keyOf(keys[programIdIndex]);
    defaultUnits += BUILTIN_PROGRAMS.has(program) ? BUILTIN_UNITS : DEFAULT_UNITS;
    if (SIGNATURE_PROGRAMS.has(program)) {
      signatures += data[0] ?? 0;
    } else if (program === COMPUTE_BUDGET && data[0] === SET_UNIT_LIMIT && data.length >= 5) {
      unitLimit = data.readUInt32LE(1);
    } else if (program === COMPUTE_BUDGET && data[0] === SET_UNIT_PRICE && data.length >= 9) {
      unitPrice = data.readBigUInt64LE(1);
    }
  }
  const units = BigInt(Math.min(unitLimit ?? defaultUnits, MAX_UNITS));
  const priority = (units * unitPrice + MICRO_LAMPORTS - 1n) / MICRO_LAMPORTS;
  return BigInt(signatures) * LAMPORTS_PER_SIGNATURE + priority;
}
