/**
 * Accounts by their program, for the queries that look through all of them: LiteSVM hands out a copy of every
 * account at each such question (15 µs each), so the answer is kept, and kept up to date, for programs asked about.
 */
import { decodeBase58, keyOf } from './encoding.mjs';

const KEPT_PROGRAMS = 16;
// Sysvars change with every slot and not by transactions.
const SYSVARS = keyOf(decodeBase58('Sysvar1111111111111111111111111111111111111'));

/** @typedef {{address: Buffer, account: import('./svm.mjs').AccountState}} KeyedAccount */

export class AccountIndex {
  #svm;
  #programs = new Map();

  /** @param {import('./svm.mjs').Svm} svm */
  constructor(svm) {
    this.#svm = svm;
  }

  /** @param {Buffer} program @returns {KeyedAccount[]} in no order; not to be changed */
  ofProgram(program) {
    const key = keyOf(program);
    if (key === SYSVARS) {
      return this.#svm.programAccounts(program);
    }
    let accounts = this.#programs.get(key);
    if (accounts === undefined) {
      const found = this.#svm.programAccounts(program);
      accounts = new Map(found.map((one) => [keyOf(one.address), one]));
      if (this.#programs.size >= KEPT_PROGRAMS) {
        this.#programs.delete(this.#programs.keys().next().value);
      }
      this.#programs.set(key, accounts);
    }
    return [...accounts.values()];
  }

  /** @param {import('./records.mjs').AccountWrite[]} writes what a transaction has changed */
  update(writes) {
    for (const { address, account } of writes) {
      const key = keyOf(address);
      const owner = account === null ? null : keyOf(account.owner);
      for (const [program, accounts] of this.#programs) {
        if (program === owner) {
          accounts.set(key, { address, account });
        } else {
          accounts.delete(key);
        }
      }
    }
  }
}
