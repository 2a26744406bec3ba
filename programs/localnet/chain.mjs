/** The chain: LiteSVM's accounts, slots and blockhashes, the ledger, and the journal that makes them last. */
import { EventEmitter } from 'node:events';
import { AccountIndex } from './account-index.mjs';
import {
  changedAccounts, loadedAddresses, memoOf, mintDecimals, storedMeta, viewAccounts, viewAgain,
} from './execution.mjs';
import { addressText, bytesOfKey, keyOf } from './encoding.mjs';
import { Faucet, FAUCET_LAMPORTS } from './faucet.mjs';
import { openGenesis } from './genesis.mjs';
import { Ledger } from './ledger.mjs';
import { encodeAccounts, encodeHeader, encodeSlot, encodeTransaction, Kind } from './records.mjs';
import { Slots } from './slots.mjs';
import { Stats } from './stats.mjs';
import { Store } from './store.mjs';
import { Svm } from './svm.mjs';
import { parseTransaction } from './transaction.mjs';

const ACCOUNTS_PER_RECORD = 1000;

/** @typedef {{monotonicMs: () => number, wallSeconds: () => number}} Clock */
/** @type {Clock} */
const SYSTEM_CLOCK = {
  monotonicMs: () => performance.now(),
  wallSeconds: () => Math.floor(Date.now() / 1000),
};

/**
 * Every method that reads or changes the chain is synchronous, so each sees one moment. Nothing that it returned
 * may be shown to anyone before `durable()` has resolved.
 *
 * Events, after the change is durable: 'transaction' ({slot, key, err, logs, addresses, writes}), 'slot' (slot).
 */
export class Chain extends EventEmitter {
  #svm = new Svm();
  #slots;
  #store;
  #ledger = new Ledger();
  #stats = new Stats();
  #faucet;
  #genesis;
  #options;
  #touched = new Set();
  #index = new AccountIndex(this.#svm);
  #clock;

  /**
   * @param {object} options
   * @param {string} options.state folder of the state
   * @param {boolean} options.simulatedClock
   * @param {number} options.history transactions to remember
   * @param {number} options.snapshotEvery journal records between snapshots
   * @param {{address: Buffer, elf: Buffer}[]} options.programs
   * @param {Buffer | null} [options.upgradeAuthority] of these programs; null: nobody may upgrade them
   * @param {(error: Error) => void} options.onFailure the state can no longer be written
   * @param {Clock} [options.clock]
   */
  constructor(options) {
    super();
    this.setMaxListeners(0);
    this.#options = options;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#genesis = openGenesis(options.state, this.#svm.firstSlot);
    this.#faucet = new Faucet(this.#genesis.faucetSeed);
    this.#slots = new Slots({
      genesisHash: this.#genesis.hash,
      baseSlot: this.#genesis.baseSlot,
      simulated: options.simulatedClock,
    });
    this.#store = new Store(options);
    this.bytesCutOff = this.#restore();
  }

  #restore() {
    const accounts = new Map();
    const take = ({ address, account }) => accounts.set(keyOf(address), account);
    const cut = this.#store.open(
      (record) => this.#restoreSnapshot(record, take),
      (record, location) => this.#restoreRecord(record, location, take),
    );
    this.#startFrom(accounts);
    return cut;
  }

  #restoreSnapshot({ kind, header, writes }, take) {
    if (kind === Kind.header) {
      this.#slots.restore(header.slot, header.unixTime);
      this.#stats.restore(header.stats);
    } else if (kind === Kind.accounts) {
      writes.forEach(take);
    }
  }

  #restoreRecord(record, location, take) {
    if (record.kind === Kind.slot && record.slot >= this.#slots.slot) {
      this.#slots.restore(record.slot, record.unixTime);
    } else if (record.kind === Kind.transaction) {
      const transaction = parseTransaction(record.wire);
      this.#remember(transaction, record, location);
      if (record.meta !== undefined) {
        this.#stats.add(instructionsOf(transaction), record.meta.logs, record.err === null);
      }
    }
    record.writes?.forEach(take);
  }

  #startFrom(accounts) {
    if (this.#slots.slot < this.#svm.firstSlot) {
      this.#slots.restore(this.#svm.firstSlot, this.#slots.unixTime);
    }
    this.#slots.start(this.#clock.monotonicMs(), this.#clock.wallSeconds());
    this.#writeSysvars();
    for (const { address, elf } of this.#options.programs) {
      this.#svm.addProgram(address, elf, this.#options.upgradeAuthority ?? null);
    }
    const writes = [...accounts].map(([key, account]) => ({ address: bytesOfKey(key), account }));
    // A program account can only be loaded when the account with its code is there.
    for (const isProgram of [false, true]) {
      writes
        .filter(({ account }) => (account?.executable ?? false) === isProgram)
        .forEach(({ address, account }) => this.#writeAccount(address, account));
    }
    if (this.#store.isEmpty) {
      this.#beginSegment();
    }
    if (!this.#touched.has(keyOf(this.#faucet.address))) {
      this.#fundFaucet();
    }
  }

  #fundFaucet() {
    const account = {
      lamports: FAUCET_LAMPORTS, data: Buffer.alloc(0), owner: Buffer.alloc(32), executable: false, rentEpoch: 0n,
    };
    this.#writeAccount(this.#faucet.address, account);
    this.#store.append(encodeAccounts([{ address: this.#faucet.address, account }]));
  }

  #writeAccount(address, account) {
    this.#svm.setAccount(address, account);
    this.#touched.add(keyOf(address));
  }

  #beginSegment() {
    this.#store.append(encodeHeader({ genesis: this.#genesis.hash.toString('hex') }));
    this.#store.append(encodeSlot(this.#slots.slot, this.#slots.unixTime));
  }

  get svm() {
    return this.#svm;
  }

  get slots() {
    return this.#slots;
  }

  get ledger() {
    return this.#ledger;
  }

  get stats() {
    return this.#stats;
  }

  get genesisHash() {
    return this.#genesis.hash;
  }

  get hasSimulatedClock() {
    return this.#options.simulatedClock;
  }

  /** Resolves once everything that happened so far would survive. */
  durable() {
    return this.#store.durable();
  }

  /** Lets the slots follow wall time; call before looking at the chain. */
  advance() {
    if (this.#slots.advance(this.#clock.monotonicMs(), this.#clock.wallSeconds())) {
      this.#recordSlot();
    }
  }

  /** @param {number} unixTime not before the present one */
  setTime(unixTime) {
    this.#slots.setTime(unixTime);
    this.#recordSlot();
  }

  #recordSlot() {
    this.#writeSysvars();
    this.#store.append(encodeSlot(this.#slots.slot, this.#slots.unixTime));
    this.#emitWhenDurable('slot', this.#slots.slot);
    this.#snapshotIfDue();
  }

  get epoch() {
    return Math.floor(this.#slots.slot / this.#svm.slotsPerEpoch);
  }

  #writeSysvars() {
    const { slot, unixTime } = this.#slots;
    this.#svm.setClock({ slot, unixTime, epoch: this.epoch, epochStartTime: this.#genesis.createdAt });
    this.#svm.setSlotHashes(this.#slots.recentHashes());
  }

  /**
   * Executes a transaction. With preflight it is executed only if it succeeds.
   * @param {import('./transaction.mjs').Transaction} transaction
   * @param {boolean} preflight
   * @returns {{refused: import('./svm.mjs').Outcome | null}} what kept it out, null when it is in the ledger
   */
  submit(transaction, preflight) {
    this.advance();
    const early = this.refusalOf(transaction);
    if (early !== null) {
      return { refused: early };
    }
    const loaded = loadedAddresses(transaction, this.#svm);
    const before = viewAccounts(transaction, loaded, this.#svm);
    const { refused, record, payload } = this.#executeOrUndo(transaction, loaded, before, preflight);
    if (record !== undefined) {
      this.#commit(transaction, before, record, payload);
    }
    return { refused };
  }

  #executeOrUndo(transaction, loaded, before, preflight) {
    try {
      return this.#execute(transaction, loaded, before, preflight);
    } catch (error) {
      // What is not in the journal must not stay in the accounts.
      this.#undo(before);
      throw error;
    }
  }

  #execute(transaction, loaded, before, preflight) {
    const outcome = this.#svm.execute(transaction.wire);
    const [payer] = before;
    const isIncluded = outcome.err === null || this.#svm.balance(payer.key) !== payer.lamports;
    if (outcome.err !== null && isIncluded && preflight) {
      // Nothing but the fee payer changes when a transaction fails.
      this.#undo([payer]);
    }
    if (outcome.err !== null && (preflight || !isIncluded)) {
      return { refused: outcome };
    }
    const record = this.#recordFor(transaction, loaded, before, outcome);
    return { refused: null, record, payload: encodeTransaction(record) };
  }

  #undo(before) {
    before.filter(({ isWritable }) => isWritable).forEach(({ key, account }) => this.#svm.setAccount(key, account));
  }

  /**
   * Why a transaction cannot run at all: its blockhash, or that it has run.
   * @returns {import('./svm.mjs').Outcome | null}
   */
  refusalOf(transaction) {
    if (!this.#slots.isRecent(transaction.blockhash)) {
      return refusal('BlockhashNotFound');
    }
    return this.#ledger.find(keyOf(transaction.signatures[0])) === undefined ? null : refusal('AlreadyProcessed');
  }

  #recordFor(transaction, loaded, before, outcome) {
    const after = viewAgain(before, this.#svm);
    return {
      slot: this.#slots.slot,
      unixTime: this.#slots.unixTime,
      err: outcome.err,
      wire: transaction.wire,
      loadedWritable: loaded.writable,
      loadedReadonly: loaded.readonly,
      meta: storedMeta(before, after, outcome, this.#svm),
      writes: changedAccounts(before, after),
    };
  }

  #commit(transaction, before, record, payload) {
    const entry = this.#remember(transaction, record, this.#store.append(payload));
    record.writes.forEach(({ address }) => this.#touched.add(keyOf(address)));
    this.#index.update(record.writes);
    const { slot, err, writes, meta: { logs } } = record;
    this.#stats.add(instructionsOf(transaction), logs, err === null);
    if (this.listenerCount('transaction') > 0) {
      const addresses = before.map(({ key }) => keyOf(key));
      this.#emitWhenDurable('transaction', { slot, key: entry.key, err, logs, addresses, writes });
    }
    this.#snapshotIfDue();
  }

  #remember(transaction, { slot, unixTime, err, loadedWritable, loadedReadonly }, location) {
    const entry = { key: keyOf(transaction.signatures[0]), slot, unixTime, err, memo: memoOf(transaction), location };
    return this.#ledger.add(entry, [...transaction.keys, ...loadedWritable, ...loadedReadonly]);
  }

  #emitWhenDurable(name, event) {
    if (this.listenerCount(name) > 0) {
      this.#store.durable().then(() => this.emit(name, event));
    }
  }

  /** @param {import('./ledger.mjs').LedgerEntry} entry @returns {import('./records.mjs').TransactionRecord} */
  recordOf(entry) {
    return this.#store.read(entry.location);
  }

  /** @returns {Buffer | null} the transfer's signature; null when the faucet cannot pay that much */
  airdrop(to, lamports) {
    this.advance();
    let transaction = parseTransaction(this.#faucet.transfer(to, lamports, this.#slots.blockhash));
    if (this.#ledger.find(keyOf(transaction.signatures[0])) !== undefined) {
      // The same airdrop twice in one slot would be one transaction: take the next slot's blockhash.
      this.#slots.skipAhead(this.#clock.wallSeconds());
      this.#recordSlot();
      transaction = parseTransaction(this.#faucet.transfer(to, lamports, this.#slots.blockhash));
    }
    return this.submit(transaction, true).refused === null ? transaction.signatures[0] : null;
  }

  /** @param {Buffer} program @returns {import('./account-index.mjs').KeyedAccount[]} */
  programAccounts(program) {
    return this.#index.ofProgram(program);
  }

  /** @returns {number | null} */
  mintDecimals(mint) {
    return mintDecimals(mint, this.#svm);
  }

  #snapshotIfDue() {
    this.#store.snapshotIfDue({
      capture: () => this.#snapshotPayloads(),
      beginSegment: () => this.#beginSegment(),
      ledger: this.#ledger,
      slots: this.#slots,
    });
  }

  #snapshotPayloads() {
    const { slot, unixTime } = this.#slots;
    const payloads = [encodeHeader({ slot, unixTime, stats: this.#stats.toJson() })];
    let writes = [];
    for (const key of this.#touched) {
      const address = bytesOfKey(key);
      const account = this.#svm.account(address);
      if (account === null) {
        this.#touched.delete(key);
        continue;
      }
      writes.push({ address, account });
      if (writes.length === ACCOUNTS_PER_RECORD) {
        payloads.push(encodeAccounts(writes));
        writes = [];
      }
    }
    payloads.push(encodeAccounts(writes));
    return payloads;
  }

  close() {
    return this.#store.close();
  }
}

function refusal(err) {
  return { err, logs: [], unitsConsumed: 0n, inner: [], returnData: null };
}

function instructionsOf({ keys, instructions }) {
  return instructions.map(({ programIdIndex, data }) => ({ program: addressText(keys[programIdIndex]), data }));
}
