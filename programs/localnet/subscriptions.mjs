/** The kinds of subscriptions: what each tells, by event. */
import { addressText, bytesOfKey, encodeBase58, keyOf } from './encoding.mjs';
import { invalidParams } from './errors.mjs';
import { accountFilter, accountView, TOO_LARGE, viewOptions } from './rpc/account-view.mjs';
import { addressParam, configParam, flagParam, signatureParam } from './rpc/params.mjs';

const ABSENT = { lamports: 0n, data: Buffer.alloc(0), owner: Buffer.alloc(32), executable: false, rentEpoch: 0n };

/**
 * @typedef {object} Subscription
 * @property {boolean} [once] it ends with its first news
 * @property {() => unknown} [already] its news when that has happened before
 * @property {(event: object) => unknown[]} [ofTransaction] its news of an executed transaction
 * @property {(slot: number) => unknown[]} [ofSlot] its news of a new slot
 */

/** Too many bytes for base 58 are an error when asked for; here there is nobody to answer. */
function shown(account, options, chain) {
  return accountView(account, { ...options, instead: TOO_LARGE }, chain);
}

function inContext(slot, value) {
  return { context: { slot }, value };
}

/** @type {Record<string, (chain: import('./chain.mjs').Chain, params: any[]) => Subscription>} */
export const subscribe = {
  signature(chain, [signature, config]) {
    const key = keyOf(signatureParam(signature));
    flagParam(configParam(config, chain).enableReceivedNotification, 'enableReceivedNotification');
    const told = ({ slot, err }) => inContext(slot, { err });
    return {
      once: true,
      already: () => {
        const entry = chain.ledger.find(key);
        return entry && told(entry);
      },
      ofTransaction: (event) => (event.key === key ? [told(event)] : []),
    };
  },

  logs(chain, [filter, config]) {
    configParam(config, chain);
    const mentioned = logsFilter(filter);
    return {
      ofTransaction: ({ slot, key, err, logs, addresses }) =>
        mentioned === null || addresses.includes(mentioned)
          ? [inContext(slot, { signature: encodeBase58(bytesOfKey(key)), err, logs })]
          : [],
    };
  },

  account(chain, [address, config]) {
    const key = keyOf(addressParam(address));
    const options = viewOptions(configParam(config, chain));
    return {
      ofTransaction: ({ slot, writes }) =>
        writes
          .filter((write) => keyOf(write.address) === key)
          .map(({ account }) => inContext(slot, shown(account ?? ABSENT, options, chain))),
    };
  },

  program(chain, [program, config]) {
    const key = addressParam(program);
    const checked = configParam(config, chain);
    const options = viewOptions(checked);
    const matches = accountFilter(checked.filters);
    return {
      ofTransaction: ({ slot, writes }) =>
        writes
          .filter(({ account }) => account !== null && account.owner.equals(key) && matches(account))
          .map(({ address, account }) =>
            inContext(slot, { pubkey: addressText(address), account: shown(account, options, chain) }),
          ),
    };
  },

  slot() {
    return { ofSlot: (slot) => [{ parent: slot - 1, root: slot, slot }] };
  },

  root() {
    return { ofSlot: (slot) => [slot] };
  },
};

/** @returns {string | null} the key of the one address that must be named, null for all */
function logsFilter(filter) {
  if (filter === 'all' || filter === 'allWithVotes') {
    return null;
  }
  if (!Array.isArray(filter?.mentions)) {
    throw invalidParams('Invalid params: the filter is "all", "allWithVotes" or {mentions: [address]}');
  }
  if (filter.mentions.length !== 1) {
    throw invalidParams('Invalid Request: Only 1 address supported');
  }
  return keyOf(addressParam(filter.mentions[0]));
}
