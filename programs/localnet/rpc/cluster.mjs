import { encodeBase58 } from '../encoding.mjs';
import { Code, RpcError } from '../errors.mjs';
import { BLOCKHASH_AGE } from '../slots.mjs';
import { addressParam, API_VERSION, configParam, integerParam, listParam, withContext } from './params.mjs';

const FEATURE_SET = 0;
const IDENTITY = '11111111111111111111111111111111';

export const cluster = {
  getHealth() {
    return 'ok';
  },

  getVersion() {
    return { 'feature-set': FEATURE_SET, 'solana-core': API_VERSION };
  },

  getIdentity() {
    return { identity: IDENTITY };
  },

  getGenesisHash(chain) {
    return encodeBase58(chain.genesisHash);
  },

  getSlot(chain, [config]) {
    configParam(config, chain);
    return chain.slots.slot;
  },

  getBlockHeight(chain, [config]) {
    configParam(config, chain);
    return chain.slots.blockHeight;
  },

  getBlockTime(chain, [slot]) {
    const wanted = integerParam(slot, 'slot');
    const time = chain.slots.timeOf(wanted);
    if (time === null) {
      throw new RpcError(Code.blockNotAvailable, `Block not available for slot ${wanted}`);
    }
    return time;
  },

  getFirstAvailableBlock(chain) {
    return chain.ledger.oldest?.slot ?? chain.slots.slot;
  },

  minimumLedgerSlot(chain) {
    return chain.ledger.oldest?.slot ?? chain.slots.slot;
  },

  getLatestBlockhash(chain, [config]) {
    configParam(config, chain);
    const { blockhashText, blockHeight } = chain.slots;
    return withContext(chain, { blockhash: blockhashText, lastValidBlockHeight: blockHeight + BLOCKHASH_AGE });
  },

  isBlockhashValid(chain, [blockhash, config]) {
    const hash = addressParam(blockhash);
    configParam(config, chain);
    return withContext(chain, chain.slots.isRecent(hash));
  },

  getEpochInfo(chain, [config]) {
    configParam(config, chain);
    const { slot, blockHeight } = chain.slots;
    const slotsInEpoch = chain.svm.slotsPerEpoch;
    return {
      absoluteSlot: slot,
      blockHeight,
      epoch: chain.epoch,
      slotIndex: slot % slotsInEpoch,
      slotsInEpoch,
      transactionCount: chain.stats.transactions,
    };
  },

  getEpochSchedule(chain) {
    const slotsPerEpoch = chain.svm.slotsPerEpoch;
    return {
      slotsPerEpoch, leaderScheduleSlotOffset: slotsPerEpoch, warmup: false, firstNormalEpoch: 0, firstNormalSlot: 0,
    };
  },

  getTransactionCount(chain, [config]) {
    configParam(config, chain);
    return chain.stats.transactions;
  },

  getRecentPrioritizationFees(chain, [addresses]) {
    if (addresses !== undefined && addresses !== null) {
      listParam(addresses, 128, 'addresses').forEach(addressParam);
    }
    return [{ slot: chain.slots.slot, prioritizationFee: 0 }];
  },
};
