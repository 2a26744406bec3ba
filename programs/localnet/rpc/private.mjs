/** Methods that Solana does not have; their names say whose they are. */
import { invalidParams } from '../errors.mjs';
import { integerParam } from './params.mjs';

const ours = {
  gridtokenx_stats(chain) {
    return chain.stats.report();
  },
};

const withSimulatedClock = {
  ...ours,
  /** Sets the chain's clock, Unix seconds; never back. */
  gridtokenx_setTime(chain, [unixTime]) {
    const wanted = integerParam(unixTime, 'time');
    if (wanted < chain.slots.unixTime) {
      throw invalidParams(`Invalid params: the clock stands at ${chain.slots.unixTime} and does not go back`);
    }
    chain.setTime(wanted);
    return { slot: chain.slots.slot, unixTime: wanted };
  },
};

/** @param {boolean} hasSimulatedClock */
export function privateMethods(hasSimulatedClock) {
  return hasSimulatedClock ? withSimulatedClock : ours;
}
