/** What one executed transaction did: balances and token balances before and after, changed accounts, its record. */
import { addressText, decodeBase58, keyOf } from './encoding.mjs';
import { isMint, isTokenAccount, readMint, readTokenAccount, uiTokenAmount } from './token.mjs';
import { isWritableKey } from './transaction.mjs';

const LOOKUP_TABLE_PROGRAM = decodeBase58('AddressLookupTab1e1111111111111111111111111');
const LOOKUP_TABLE_HEADER = 56;
const MEMO_PROGRAMS = [
  decodeBase58('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr'),
  decodeBase58('Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo'),
];

/**
 * The addresses that a version 0 transaction takes from lookup tables; none when a table does not resolve
 * (the runtime then refuses the transaction).
 * @param {import('./transaction.mjs').Transaction} transaction
 * @param {import('./svm.mjs').Svm} svm
 */
export function loadedAddresses({ lookups }, svm) {
  const loaded = { writable: [], readonly: [] };
  for (const { table, writable, readonly } of lookups) {
    const account = svm.account(table);
    if (account === null || !account.owner.equals(LOOKUP_TABLE_PROGRAM)) {
      return { writable: [], readonly: [] };
    }
    const at = (index) => account.data.subarray(LOOKUP_TABLE_HEADER + index * 32).subarray(0, 32);
    loaded.writable.push(...Array.from(writable, at));
    loaded.readonly.push(...Array.from(readonly, at));
  }
  const isWhole = [...loaded.writable, ...loaded.readonly].every((key) => key.length === 32);
  return isWhole ? loaded : { writable: [], readonly: [] };
}

/**
 * @typedef {object} AccountView one account of a transaction at one moment
 * @property {Buffer} key
 * @property {boolean} isWritable
 * @property {bigint} lamports
 * @property {import('./svm.mjs').AccountState | null} account null also for a program, whose bytes are of no interest
 */

/** @returns {AccountView[]} in the order of the transaction's account indexes */
export function viewAccounts(transaction, loaded, svm) {
  const { header, keys, instructions } = transaction;
  const programs = new Set(instructions.map(({ programIdIndex }) => programIdIndex));
  const views = keys.map((key, index) => {
    const isWritable = isWritableKey(header, keys.length, index);
    return programs.has(index) && !isWritable ? viewOfProgram(key, svm) : view(key, isWritable, svm);
  });
  loaded.writable.forEach((key) => views.push(view(key, true, svm)));
  loaded.readonly.forEach((key) => views.push(view(key, false, svm)));
  return views;
}

/** The same accounts later: read-only ones cannot have changed. @param {AccountView[]} before */
export function viewAgain(before, svm) {
  return before.map((earlier) => (earlier.isWritable ? view(earlier.key, true, svm) : earlier));
}

function view(key, isWritable, svm) {
  const account = svm.account(key);
  return { key, isWritable, lamports: account?.lamports ?? 0n, account };
}

function viewOfProgram(key, svm) {
  return { key, isWritable: false, lamports: svm.balance(key), account: null };
}

/** @returns {import('./records.mjs').AccountWrite[]} */
export function changedAccounts(before, after) {
  const writes = [];
  after.forEach((later, index) => {
    if (later.isWritable && !isSameAccount(before[index].account, later.account)) {
      writes.push({ address: later.key, account: later.account });
    }
  });
  return writes;
}

function isSameAccount(a, b) {
  if (a === null || b === null) {
    return a === b;
  }
  return (
    a.lamports === b.lamports &&
    a.executable === b.executable &&
    a.data.equals(b.data) &&
    a.owner.equals(b.owner)
  );
}

/** @param {AccountView[]} views @param {import('./svm.mjs').Svm} svm */
export function tokenBalances(views, svm) {
  const balances = [];
  views.forEach(({ account }, accountIndex) => {
    if (account === null || !isTokenAccount(account.owner, account.data)) {
      return;
    }
    const { mint, owner, amount } = readTokenAccount(account.data);
    const decimals = mintDecimals(mint, svm);
    if (decimals !== null) {
      balances.push({
        accountIndex,
        mint: addressText(mint),
        uiTokenAmount: uiTokenAmount(amount, decimals),
        owner: addressText(owner),
        programId: addressText(account.owner),
      });
    }
  });
  return balances;
}

/** @returns {number | null} null when there is no such mint */
export function mintDecimals(mint, svm) {
  const account = svm.account(mint);
  return account !== null && isMint(account.owner, account.data) ? readMint(account.data).decimals : null;
}

/** The part of getTransaction's `meta` that is not in the wire bytes, as it is stored. */
export function storedMeta(before, after, outcome, svm) {
  const paid = sumOf(before) - sumOf(after);
  return {
    fee: paid.toString(),
    pre: before.map(({ lamports }) => lamports.toString()),
    post: after.map(({ lamports }) => lamports.toString()),
    preToken: tokenBalances(before, svm),
    postToken: tokenBalances(after, svm),
    logs: outcome.logs,
    units: Number(outcome.unitsConsumed),
    inner: storedInner(outcome.inner),
    returned: outcome.returnData && {
      program: addressText(outcome.returnData.programId),
      data: outcome.returnData.data.toString('base64'),
    },
  };
}

// The runtime creates and destroys no lamports; what is missing afterwards is the fee.
function sumOf(views) {
  const distinct = new Map(views.map(({ key, lamports }) => [keyOf(key), lamports]));
  return [...distinct.values()].reduce((sum, lamports) => sum + lamports, 0n);
}

function storedInner(inner) {
  return inner
    .map((list, index) => ({
      index,
      instructions: list.map(({ programIdIndex, accounts, data, stackHeight }) => ({
        programIdIndex,
        accounts: [...accounts],
        data: data.toString('base64'),
        stackHeight,
      })),
    }))
    .filter(({ instructions }) => instructions.length > 0);
}

/** As getSignaturesForAddress shows memos: "[length] text", joined by "; ". */
export function memoOf({ keys, instructions }) {
  const memos = instructions
    .filter(({ programIdIndex }) => MEMO_PROGRAMS.some((program) => program.equals(keys[programIdIndex])))
    .map(({ data }) => `[${data.length}] ${data.toString()}`);
  return memos.length === 0 ? null : memos.join('; ');
}
