/**
 * LiteSVM by its native binding. The package's own class takes @solana/kit objects and encodes them again;
 * a server already holds wire bytes, and the binding takes those. The binding aborts the process on bytes
 * that do not decode and on keys that are not 32 bytes long, so only checked values may come here.
 */
import { createRequire } from 'node:module';
import { decodeBase58 } from './encoding.mjs';
import { transactionErrorJson } from './transaction-error.mjs';

const SLOT_HASHES = decodeBase58('SysvarS1otHashes111111111111111111111111111');
const SYSVARS = decodeBase58('Sysvar1111111111111111111111111111111111111');
const SLOT_HASHES_BYTES = 8 + 512 * 40;
// The upgradeable loader's accounts: a program is u32 2, its ProgramData's address; that is u32 3, u64 slot, the
// authority as an option, and from byte 45 the ELF file.
const PROGRAM_DATA_ADDRESS = 4;
const AUTHORITY_TAG = 12;
const binding = createRequire(import.meta.url)('litesvm/dist/internal.js');

/**
 * @typedef {object} AccountState
 * @property {bigint} lamports
 * @property {Buffer} data
 * @property {Buffer} owner
 * @property {boolean} executable
 * @property {bigint} rentEpoch
 */

/**
 * @typedef {object} Outcome
 * @property {import('./transaction-error.mjs').TransactionErrorJson | null} err
 * @property {string[]} logs
 * @property {bigint} unitsConsumed
 * @property {{programIdIndex: number, accounts: Buffer, data: Buffer, stackHeight: number}[][]} inner by instruction
 * @property {{programId: Buffer, data: Buffer} | null} returnData
 */

export class Svm {
  #svm = new binding.LiteSvm();

  constructor() {
    // The chain keeps blockhashes and signatures itself: LiteSVM knows only its latest blockhash.
    this.#svm.setBlockhashCheck(false);
    this.#svm.setTransactionHistory(0n);
    this.#svm.withNativeMints();
    const schedule = this.#svm.getEpochSchedule();
    schedule.warmup = false;
    schedule.firstNormalEpoch = 0n;
    schedule.firstNormalSlot = 0n;
    this.#svm.setEpochSchedule(schedule);
  }

  /** The slot at which LiteSVM loads its own programs; a program does not exist before its slot. */
  get firstSlot() {
    return Number(this.#svm.getClock().slot);
  }

  get slotsPerEpoch() {
    return Number(this.#svm.getEpochSchedule().slotsPerEpoch);
  }

  /** @param {{slot: number, epoch: number, unixTime: number, epochStartTime: number}} clock */
  setClock({ slot, epoch, unixTime, epochStartTime }) {
    this.#svm.setClock(
      new binding.Clock(BigInt(slot), BigInt(epochStartTime), BigInt(epoch), BigInt(epoch + 1), BigInt(unixTime)),
    );
  }

  /** @param {[number, Buffer][]} hashes newest first */
  setSlotHashes(hashes) {
    const data = Buffer.alloc(SLOT_HASHES_BYTES);
    data.writeBigUInt64LE(BigInt(hashes.length), 0);
    hashes.forEach(([slot, hash], index) => {
      data.writeBigUInt64LE(BigInt(slot), 8 + index * 40);
      data.set(hash, 16 + index * 40);
    });
    this.setAccount(SLOT_HASHES, { lamports: 1n, data, owner: SYSVARS, executable: false, rentEpoch: 0n });
  }

  /**
   * @param {Uint8Array} address
   * @param {Uint8Array} elf
   * @param {Uint8Array | null} upgradeAuthority null: nobody may upgrade it
   */
  addProgram(address, elf, upgradeAuthority) {
    this.#svm.addProgram(address, elf);
    if (upgradeAuthority !== null) {
      const programData = this.account(address).data.subarray(PROGRAM_DATA_ADDRESS, PROGRAM_DATA_ADDRESS + 32);
      const account = this.account(programData);
      account.data[AUTHORITY_TAG] = 1;
      account.data.set(upgradeAuthority, AUTHORITY_TAG + 1);
      this.setAccount(programData, account);
    }
  }

  /** @param {number} dataLength */
  rentExemption(dataLength) {
    return this.#svm.minimumBalanceForRentExemption(BigInt(dataLength));
  }

  /** @param {Uint8Array} address @returns {bigint} 0 when there is no such account */
  balance(address) {
    return this.#svm.getBalance(address) ?? 0n;
  }

  /** @param {Uint8Array} address @returns {AccountState | null} */
  account(address) {
    const account = this.#svm.getAccount(address);
    return account === null ? null : toState(account);
  }

  /** @param {Uint8Array} program @returns {{address: Buffer, account: AccountState}[]} */
  programAccounts(program) {
    return this.#svm
      .getProgramAccounts(program)
      .map((found) => ({ address: toBuffer(found.address), account: toState(found.account()) }));
  }

  /** Writes an account past the runtime; null or no lamports removes it. */
  setAccount(address, account) {
    const state = account ?? { lamports: 0n, data: Buffer.alloc(0), owner: Buffer.alloc(32), executable: false };
    this.#svm.setAccount(
      address,
      new binding.Account(state.lamports, state.data, state.owner, state.executable, state.rentEpoch ?? 0n),
    );
  }

  /** Executes and commits; a failed transaction commits its fee alone, or nothing when it could not pay. */
  execute(wire) {
    return toOutcome(this.#svm.sendVersionedTransaction(wire));
  }

  /**
   * @param {Uint8Array} wire
   * @param {boolean} verifySignatures
   * @returns {Outcome & {accounts: Map<string, AccountState>}} the writable accounts afterwards by latin1 address
   */
  simulate(wire, verifySignatures) {
    const result = this.#simulated(wire, verifySignatures);
    const accounts = new Map();
    if (result instanceof binding.SimulatedTransactionInfo) {
      for (const found of result.postAccounts()) {
        accounts.set(toBuffer(found.address).latin1Slice(), toState(found.account()));
      }
      return { ...toOutcome(result.meta()), accounts };
    }
    return { ...toOutcome(result), accounts };
  }

  #simulated(wire, verifySignatures) {
    this.#svm.setSigverify(verifySignatures);
    try {
      return this.#svm.simulateVersionedTransaction(wire);
    } finally {
      this.#svm.setSigverify(true);
    }
  }
}

function toBuffer(bytes) {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function toState(account) {
  return {
    lamports: account.lamports(),
    data: toBuffer(account.data()),
    owner: toBuffer(account.owner()),
    executable: account.executable(),
    rentEpoch: account.rentEpoch(),
  };
}

/** @returns {Outcome} */
function toOutcome(result) {
  const failed = result instanceof binding.FailedTransactionMetadata;
  const meta = failed ? result.meta() : result;
  const returned = meta.returnData();
  const data = toBuffer(returned.data());
  return {
    err: failed ? transactionErrorJson(result.err()) : null,
    logs: meta.logs(),
    unitsConsumed: meta.computeUnitsConsumed(),
    inner: meta.innerInstructions().map((list) => list.map(toInner)),
    returnData: data.length === 0 ? null : { programId: toBuffer(returned.programId()), data },
  };
}

function toInner(inner) {
  const instruction = inner.instruction();
  return {
    programIdIndex: instruction.programIdIndex(),
    accounts: toBuffer(instruction.accounts()),
    data: toBuffer(instruction.data()),
    stackHeight: inner.stackHeight(),
  };
}
