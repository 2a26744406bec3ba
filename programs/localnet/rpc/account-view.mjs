/** How an account is shown: encodings, data slices, filters. Shared by the RPC and PubSub. */
import { addressText, decodeBase58, encodeBase58, keyOf } from '../encoding.mjs';
import { Code, invalidParams, RpcError } from '../errors.mjs';
import { isTokenAccount, parsedTokenData } from '../token.mjs';
import { choiceParam, integerParam, listParam } from './params.mjs';

const ENCODINGS = ['base58', 'base64', 'jsonParsed', 'binary'];
const MAX_BASE58_BYTES = 128;
const MAX_FILTERS = 4;
/** What Solana's nodes write in place of data that is too long for base 58. */
export const TOO_LARGE = 'error: data too large for bs58 encoding';

/** @param {Record<string, unknown>} config @param {string} [fallback] */
export function viewOptions(config, fallback = 'binary') {
  const slice = config.dataSlice;
  return {
    encoding: choiceParam(config.encoding, ENCODINGS, 'encoding') ?? fallback,
    slice: slice && { offset: integerParam(slice.offset, 'offset'), length: integerParam(slice.length, 'length') },
  };
}

/**
 * @param {import('../svm.mjs').AccountState} account
 * @param {ReturnType<typeof viewOptions>} options
 * @param {import('../chain.mjs').Chain} chain
 */
export function accountView(account, options, chain) {
  return {
    lamports: account.lamports,
    data: dataView(account, options, chain),
    owner: addressText(account.owner),
    executable: account.executable,
    rentEpoch: account.rentEpoch,
    space: account.data.length,
  };
}

function dataView(account, { encoding, slice, instead }, chain) {
  if (encoding === 'jsonParsed') {
    const parsed = parsedTokenData(account, (mint) => chain.mintDecimals(mint));
    return parsed ?? [sliced(account.data, slice).toString('base64'), 'base64'];
  }
  const data = sliced(account.data, slice);
  if (encoding === 'base64') {
    return [data.toString('base64'), 'base64'];
  }
  if (data.length > MAX_BASE58_BYTES && instead !== undefined) {
    return encoding === 'base58' ? [instead, 'base58'] : instead;
  }
  if (data.length > MAX_BASE58_BYTES) {
    throw new RpcError(
      Code.invalidRequest,
      `Encoded binary (base 58) data should be less than ${MAX_BASE58_BYTES} bytes, please use Base64 encoding.`,
    );
  }
  return encoding === 'base58' ? [encodeBase58(data), 'base58'] : encodeBase58(data);
}

function sliced(data, slice) {
  return slice ? data.subarray(slice.offset, slice.offset + slice.length) : data;
}

/**
 * getProgramAccounts' and programSubscribe's filters.
 * @param {unknown} value
 * @returns {(account: import('../svm.mjs').AccountState) => boolean}
 */
export function accountFilter(value) {
  const tests = value === undefined || value === null ? [] : listParam(value, MAX_FILTERS, 'filters').map(oneFilter);
  return (account) => tests.every((test) => test(account));
}

function oneFilter(filter) {
  if (filter?.dataSize !== undefined) {
    const size = integerParam(filter.dataSize, 'dataSize');
    return ({ data }) => data.length === size;
  }
  if (filter?.memcmp !== undefined) {
    const offset = integerParam(filter.memcmp?.offset, 'offset');
    const bytes = memcmpBytes(filter.memcmp);
    return ({ data }) => data.subarray(offset, offset + bytes.length).equals(bytes);
  }
  if (filter === 'tokenAccountState' || filter?.tokenAccountState !== undefined) {
    return ({ owner, data }) => isTokenAccount(owner, data);
  }
  throw invalidParams('Invalid params: a filter is {dataSize} or {memcmp: {offset, bytes}}');
}

function memcmpBytes({ bytes, encoding }) {
  if (Array.isArray(bytes) && bytes.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255)) {
    return checkedLength(Buffer.from(bytes));
  }
  if (typeof bytes !== 'string') {
    throw invalidParams('Invalid param: memcmp bytes must be a string');
  }
  if (encoding === 'base64') {
    return checkedLength(Buffer.from(bytes, 'base64'));
  }
  const decoded = decodeBase58(bytes, 175);
  if (decoded === null) {
    throw invalidParams('Invalid param: encoded binary (base 58) data should be less than 128 bytes');
  }
  return checkedLength(decoded);
}

function checkedLength(bytes) {
  if (bytes.length > MAX_BASE58_BYTES) {
    throw invalidParams('Invalid param: encoded binary data should be less than 129 bytes');
  }
  return bytes;
}

/** @param {{address: Buffer, account: import('../svm.mjs').AccountState}[]} found */
export function keyedViews(found, options, chain) {
  return found
    .map(({ address, account }) => ({ key: keyOf(address), address, account }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ address, account }) => ({ pubkey: addressText(address), account: accountView(account, options, chain) }));
}
