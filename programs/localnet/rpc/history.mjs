import { keyOf } from '../encoding.mjs';
import { invalidParams } from '../errors.mjs';
import { signatureText } from '../ledger.mjs';
import {
  addressParam, choiceParam, configParam, historyConfigParam, integerParam, listParam, signatureParam, withContext,
} from './params.mjs';
import { transactionView } from './transaction-view.mjs';

const MAX_STATUSES = 256;
const MAX_SIGNATURES = 1000;
const ENCODINGS = ['json', 'jsonParsed', 'base58', 'base64'];

export const history = {
  getSignatureStatuses(chain, [signatures, config]) {
    const keys = listParam(signatures, MAX_STATUSES, 'signatures').map(signatureParam).map(keyOf);
    configParam(config, chain);
    return withContext(chain, keys.map((key) => statusOf(chain.ledger.find(key))));
  },

  getSignaturesForAddress(chain, [address, config]) {
    const key = addressParam(address);
    const { before, until, limit } = historyConfigParam(config, chain);
    const count = limit === undefined || limit === null ? MAX_SIGNATURES : integerParam(limit, 'limit');
    if (count === 0 || count > MAX_SIGNATURES) {
      throw invalidParams(`Invalid limit; max ${MAX_SIGNATURES}`);
    }
    const range = { before: optionalSignature(before), until: optionalSignature(until), limit: count };
    return chain.ledger.ofAddress(key, range).map((entry) => ({
      signature: signatureText(entry),
      slot: entry.slot,
      err: entry.err,
      memo: entry.memo,
      blockTime: entry.unixTime,
      confirmationStatus: 'finalized',
    }));
  },

  getTransaction(chain, [signature, options]) {
    const entry = chain.ledger.find(keyOf(signatureParam(signature)));
    const config = historyConfigParam(typeof options === 'string' ? { encoding: options } : options, chain);
    const encoding = choiceParam(config.encoding, ENCODINGS, 'encoding') ?? 'json';
    const maxVersion = config.maxSupportedTransactionVersion ?? undefined;
    if (maxVersion !== undefined) {
      integerParam(maxVersion, 'maxSupportedTransactionVersion');
    }
    return entry === undefined ? null : transactionView(chain.recordOf(entry), encoding, maxVersion);
  },
};

function optionalSignature(value) {
  return value === undefined || value === null ? undefined : keyOf(signatureParam(value));
}

function statusOf(entry) {
  return entry === undefined
    ? null
    : {
        slot: entry.slot,
        confirmations: null,
        err: entry.err,
        status: entry.err === null ? { Ok: null } : { Err: entry.err },
        confirmationStatus: 'finalized',
      };
}
