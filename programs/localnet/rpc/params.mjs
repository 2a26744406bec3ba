/** Reading of JSON-RPC parameters; what does not fit is answered with -32602. */
import { decodeBase58 } from '../encoding.mjs';
import { Code, invalidParams, RpcError } from '../errors.mjs';

const COMMITMENTS = ['processed', 'confirmed', 'finalized', 'recent', 'single', 'singleGossip', 'root', 'max'];
const ADDRESS_CHARACTERS = 44;
const SIGNATURE_CHARACTERS = 88;

/** @param {unknown} value @returns {Buffer} 32 bytes */
export function addressParam(value) {
  return bytesParam(value, 32, ADDRESS_CHARACTERS);
}

/** @param {unknown} value @returns {Buffer} 64 bytes */
export function signatureParam(value) {
  return bytesParam(value, 64, SIGNATURE_CHARACTERS);
}

function bytesParam(value, length, maxCharacters) {
  if (typeof value !== 'string') {
    throw invalidParams(`Invalid params: expected a base-58 string, got ${describe(value)}`);
  }
  const bytes = decodeBase58(value, maxCharacters);
  if (bytes === null) {
    throw invalidParams(value.length > maxCharacters ? 'Invalid param: WrongSize' : 'Invalid param: Invalid');
  }
  if (bytes.length !== length) {
    throw invalidParams('Invalid param: WrongSize');
  }
  return bytes;
}

/** @param {unknown} value @param {number} max @returns {unknown[]} */
export function listParam(value, max, name) {
  if (!Array.isArray(value)) {
    throw invalidParams(`Invalid params: ${name} must be a list, got ${describe(value)}`);
  }
  if (value.length > max) {
    throw invalidParams(`Too many inputs provided; max ${max}`);
  }
  return value;
}

/** @param {unknown} value @param {string} name @returns {number} a safe integer of at least 0 */
export function integerParam(value, name) {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw invalidParams(`Invalid params: ${name} must be an integer from 0 to 2^53 - 1, got ${describe(value)}`);
  }
  return value;
}

/** @returns {boolean} false when left out */
export function flagParam(value, name) {
  if (value !== undefined && value !== null && typeof value !== 'boolean') {
    throw invalidParams(`Invalid params: ${name} must be a boolean, got ${describe(value)}`);
  }
  return value === true;
}

/** @returns {string | undefined} one of `known` */
export function choiceParam(value, known, name) {
  if (value === undefined || value === null) {
    return undefined;
  }
  if (!known.includes(value)) {
    const list = known.map((choice) => `\`${choice}\``).join(', ');
    throw invalidParams(`Invalid params: unknown ${name} ${describe(value)}, expected one of ${list}.`);
  }
  return value;
}

/**
 * The options object that most methods take last. Commitment is checked and otherwise of no effect: what is
 * executed is finalized.
 * @param {unknown} value
 * @param {import('../chain.mjs').Chain} chain
 * @returns {Record<string, unknown>}
 */
export function configParam(value, chain) {
  if (value === undefined || value === null) {
    return {};
  }
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw invalidParams(`Invalid params: expected an options object, got ${describe(value)}`);
  }
  choiceParam(value.commitment, COMMITMENTS, 'commitment');
  if (value.minContextSlot !== undefined && value.minContextSlot !== null) {
    const contextSlot = chain.slots.slot;
    if (integerParam(value.minContextSlot, 'minContextSlot') > contextSlot) {
      throw new RpcError(Code.minContextSlotNotReached, 'Minimum context slot has not been reached', { contextSlot });
    }
  }
  return value;
}

/** History methods refuse `processed`, as on Solana. */
export function historyConfigParam(value, chain) {
  const config = configParam(value, chain);
  if (config.commitment === 'processed') {
    throw invalidParams('Method does not support commitment below `confirmed`');
  }
  return config;
}

function describe(value) {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** @param {import('../chain.mjs').Chain} chain */
export function withContext(chain, value) {
  return { context: { apiVersion: API_VERSION, slot: chain.slots.slot }, value };
}

/** The node version whose RPC this one follows. */
export const API_VERSION = '3.0.0';
