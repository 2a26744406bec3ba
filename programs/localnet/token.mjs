/** SPL Token accounts and mints (Token-2022's have the same base layout), read and shown as Solana's RPC does. */
import { addressText, decodeBase58 } from './encoding.mjs';

export const TOKEN_PROGRAM = decodeBase58('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA');
export const TOKEN_2022_PROGRAM = decodeBase58('TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb');

export const MINT_OFFSET = 0;
export const OWNER_OFFSET = 32;
export const DELEGATE_TAG_OFFSET = 72;
export const DELEGATE_OFFSET = 76;
const MINT_BYTES = 82;
const ACCOUNT_BYTES = 165;
// Token-2022 keeps extensions behind the longer of both layouts; this byte then says which one it is.
const KIND_OFFSET = 165;
const KIND_MINT = 1;
const KIND_ACCOUNT = 2;
const STATES = ['uninitialized', 'initialized', 'frozen'];

/** @param {Uint8Array} program */
export function isTokenProgram(program) {
  return TOKEN_PROGRAM.equals(program) || TOKEN_2022_PROGRAM.equals(program);
}

/** @param {Buffer} owner @param {Buffer} data */
export function isTokenAccount(owner, data) {
  return isTokenProgram(owner) && hasKind(owner, data, ACCOUNT_BYTES, KIND_ACCOUNT) && data[108] !== 0;
}

/** @param {Buffer} owner @param {Buffer} data */
export function isMint(owner, data) {
  return isTokenProgram(owner) && hasKind(owner, data, MINT_BYTES, KIND_MINT) && data[45] === 1;
}

function hasKind(owner, data, plainLength, kind) {
  return (
    data.length === plainLength ||
    (data.length > KIND_OFFSET && data[KIND_OFFSET] === kind && TOKEN_2022_PROGRAM.equals(owner))
  );
}

/** Only of data for which isTokenAccount holds. @param {Buffer} data */
export function readTokenAccount(data) {
  return {
    mint: data.subarray(MINT_OFFSET, 32),
    owner: data.subarray(OWNER_OFFSET, 64),
    amount: data.readBigUInt64LE(64),
    delegate: optionalKey(data, DELEGATE_TAG_OFFSET),
    state: STATES[data[108]] ?? STATES[0],
    rentExemptReserve: data.readUInt32LE(109) === 1 ? data.readBigUInt64LE(113) : null,
    delegatedAmount: data.readBigUInt64LE(121),
    closeAuthority: optionalKey(data, 129),
  };
}

/** Only of data for which isMint holds. @param {Buffer} data */
export function readMint(data) {
  return {
    mintAuthority: optionalKey(data, 0),
    supply: data.readBigUInt64LE(36),
    decimals: data[44],
    freezeAuthority: optionalKey(data, 46),
  };
}

function optionalKey(data, at) {
  return data.readUInt32LE(at) === 1 ? data.subarray(at + 4, at + 36) : null;
}

/** @param {bigint} amount @param {number} decimals */
export function uiTokenAmount(amount, decimals) {
  const digits = amount.toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
  const uiAmountString = fraction === '' ? whole : `${whole}.${fraction}`;
  return { uiAmount: Number(uiAmountString), decimals, amount: amount.toString(), uiAmountString };
}

/**
 * The `jsonParsed` form, or null when the account is none that is understood here (Solana's nodes then answer base64).
 * @param {import('./svm.mjs').AccountState} account
 * @param {(mint: Buffer) => number | null} decimalsOf
 */
export function parsedTokenData({ owner, data }, decimalsOf) {
  const program = TOKEN_PROGRAM.equals(owner) ? 'spl-token' : 'spl-token-2022';
  if (isTokenAccount(owner, data)) {
    const decimals = decimalsOf(data.subarray(MINT_OFFSET, 32));
    const info = decimals === null ? null : parsedTokenAccount(readTokenAccount(data), decimals);
    return info && { program, parsed: { type: 'account', info }, space: data.length };
  }
  if (isMint(owner, data)) {
    return { program, parsed: { type: 'mint', info: parsedMint(readMint(data)) }, space: data.length };
  }
  return null;
}

function parsedTokenAccount(account, decimals) {
  const { delegate, closeAuthority, rentExemptReserve } = account;
  return {
    isNative: rentExemptReserve !== null,
    mint: addressText(account.mint),
    owner: addressText(account.owner),
    state: account.state,
    tokenAmount: uiTokenAmount(account.amount, decimals),
    delegate: delegate === null ? undefined : addressText(delegate),
    delegatedAmount: delegate === null ? undefined : uiTokenAmount(account.delegatedAmount, decimals),
    closeAuthority: closeAuthority === null ? undefined : addressText(closeAuthority),
    rentExemptReserve: rentExemptReserve === null ? undefined : uiTokenAmount(rentExemptReserve, 9),
  };
}

function parsedMint({ mintAuthority, supply, decimals, freezeAuthority }) {
  return {
    decimals,
    freezeAuthority: freezeAuthority && addressText(freezeAuthority),
    isInitialized: true,
    mintAuthority: mintAuthority && addressText(mintAuthority),
    supply: supply.toString(),
  };
}
