/** The chain itself, in this process, with a clock that the test moves. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, test } from 'node:test';
import { Keypair, SystemProgram, Transaction, TransactionInstruction, PublicKey } from '@solana/web3.js';
import { Chain } from '../chain.mjs';
import { encodeBase58, keyOf } from '../encoding.mjs';
import { SLOT_MS } from '../slots.mjs';
import { parseTransaction } from '../transaction.mjs';
import { temporaryFolder } from './support.mjs';

const SOL = 1_000_000_000n;
const open = new Set();

after(() => Promise.all([...open].map((chain) => chain.close())));

function openChain(options = {}) {
  const clock = { ms: 0, monotonicMs: () => clock.ms, wallSeconds: () => 1_800_000_000 + Math.floor(clock.ms / 1000) };
  const chain = new Chain({
    state: temporaryFolder(), simulatedClock: false, history: 1000, snapshotEvery: 1000, programs: [], clock,
    onFailure: (error) => assert.fail(error),
    ...options,
  });
  open.add(chain);
  return { chain, clock };
}

async function close(chain) {
  open.delete(chain);
  await chain.close();
}

function slotsLater(clock, count) {
  clock.ms += count * SLOT_MS;
}

function richWallet(chain) {
  const wallet = Keypair.generate();
  assert.notEqual(chain.airdrop(wallet.publicKey.toBuffer(), 100n * SOL), null);
  return wallet;
}

function transfer(chain, from, lamports, to = Keypair.generate().publicKey) {
  const instruction = SystemProgram.transfer({ fromPubkey: from.publicKey, toPubkey: to, lamports });
  return signed(chain, from, instruction);
}

function signed(chain, from, ...instructions) {
  const transaction = new Transaction({ feePayer: from.publicKey, recentBlockhash: chain.slots.blockhashText });
  transaction.add(...instructions);
  transaction.sign(from);
  return parseTransaction(transaction.serialize());
}

test('A blockhash is good for 150 blocks and no longer', () => {
  const { chain, clock } = openChain();
  const wallet = richWallet(chain);
  const [inTime, late] = [transfer(chain, wallet, 1e9), transfer(chain, wallet, 2e9)];
  const born = chain.slots.blockHeight;
  slotsLater(clock, 150);
  assert.equal(chain.submit(inTime, true).refused, null);
  assert.equal(chain.slots.blockHeight, born + 150);
  slotsLater(clock, 1);
  assert.equal(chain.submit(late, true).refused.err, 'BlockhashNotFound');
  assert.equal(chain.submit(late, false).refused.err, 'BlockhashNotFound');
});

test('A blockhash nobody gave out is not good', () => {
  const { chain } = openChain();
  const wallet = richWallet(chain);
  const transaction = transfer(chain, wallet, 1e9);
  transaction.blockhash.fill(7);
  assert.equal(chain.submit(transaction, true).refused.err, 'BlockhashNotFound');
});

test('A processed transaction stays processed until its blockhash has expired', () => {
  const { chain, clock } = openChain();
  const wallet = richWallet(chain);
  const transaction = transfer(chain, wallet, 1e9);
  assert.equal(chain.submit(transaction, true).refused, null);
  slotsLater(clock, 150);
  assert.equal(chain.submit(transaction, true).refused.err, 'AlreadyProcessed');
  slotsLater(clock, 1);
  assert.equal(chain.submit(transaction, true).refused.err, 'BlockhashNotFound');
});

test('The same airdrop twice in one slot is paid twice', () => {
  const { chain } = openChain();
  const to = Keypair.generate().publicKey.toBuffer();
  const signatures = [1, 2, 3].map(() => chain.airdrop(to, SOL).toString('hex'));
  assert.equal(new Set(signatures).size, 3);
  assert.equal(chain.svm.balance(to), 3n * SOL);
});

test('A failed preflight leaves every lamport where it was', () => {
  const { chain } = openChain();
  const wallet = richWallet(chain);
  const before = chain.svm.balance(wallet.publicKey.toBuffer());
  const { refused } = chain.submit(transfer(chain, wallet, 500e9), true);
  assert.deepEqual(refused.err, { InstructionError: [0, { Custom: 1 }] });
  assert.equal(chain.svm.balance(wallet.publicKey.toBuffer()), before);
  assert.equal(chain.stats.report().failed, 0);
});

test('A transaction that cannot pay its fee is never included', () => {
  const { chain } = openChain();
  const poor = Keypair.generate();
  const transaction = transfer(chain, poor, 1);
  assert.equal(chain.submit(transaction, false).refused.err, 'AccountNotFound');
  assert.equal(chain.ledger.find(keyOf(transaction.signatures[0])), undefined);
});

test('Programs read the wall clock, or the simulated one that was set', () => {
  const { chain, clock } = openChain();
  clock.ms = 90_000;
  chain.advance();
  assert.equal(chain.slots.unixTime, 1_800_000_090);
  assert.equal(clockSysvar(chain).unixTime, 1_800_000_090n);
  assert.equal(clockSysvar(chain).slot, BigInt(chain.slots.slot));

  const simulated = openChain({ simulatedClock: true });
  simulated.chain.setTime(1_700_000_900);
  simulated.clock.ms = 90_000;
  simulated.chain.advance();
  assert.equal(clockSysvar(simulated.chain).unixTime, 1_700_000_900n);
});

function clockSysvar(chain) {
  const { data } = chain.svm.account(new PublicKey('SysvarC1ock11111111111111111111111111111111').toBuffer());
  return { slot: data.readBigUInt64LE(0), unixTime: data.readBigInt64LE(32) };
}

test('The time of a past slot is known, of a coming one not', () => {
  const { chain, clock } = openChain();
  chain.advance();
  const first = chain.slots.slot;
  slotsLater(clock, 25);
  chain.advance();
  assert.equal(chain.slots.timeOf(first), 1_800_000_000);
  assert.equal(chain.slots.timeOf(first + 5), 1_800_000_002);
  assert.equal(chain.slots.timeOf(first + 25), 1_800_000_010);
  assert.equal(chain.slots.timeOf(first + 26), null);
});

test('Nothing is told before it is durable', async () => {
  const { chain } = openChain();
  const wallet = richWallet(chain);
  const told = [];
  chain.on('transaction', (event) => told.push(event));
  chain.submit(transfer(chain, wallet, 1e9), true);
  assert.equal(told.length, 0);
  await chain.durable();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(told.length, 1);
});

test('Old history goes segment by segment once its blockhashes have expired; accounts stay', async () => {
  const state = temporaryFolder();
  const { chain, clock } = openChain({ state, history: 30, snapshotEvery: 20 });
  const to = Keypair.generate().publicKey.toBuffer();
  for (let i = 0; i < 150; i++) {
    slotsLater(clock, 5);
    chain.airdrop(to, 1_000_000n);
    await chain.durable();
  }
  await close(chain);
  assert.ok(chain.ledger.size < 100 && chain.ledger.size >= 30, `${chain.ledger.size} remembered`);
  const again = openChain({ state, history: 30, snapshotEvery: 20 }).chain;
  assert.equal(again.svm.balance(to), 150_000_000n);
  assert.equal(again.ledger.size, chain.ledger.size);
  assert.equal(again.stats.transactions, 150);
  const remembered = again.ledger.ofAddress(to, { limit: 1000 });
  assert.equal(remembered.length, again.ledger.size);
  assert.equal(again.recordOf(remembered.at(-1)).slot, remembered.at(-1).slot);
  assert.equal(readdirSync(state).filter((name) => name.startsWith('snapshot-')).length, 1);
});

test('Segments before a snapshot are history and change no account', async () => {
  const state = temporaryFolder();
  const { chain } = openChain({ state, snapshotEvery: 20 });
  const wallets = Array.from({ length: 50 }, () => richWallet(chain));
  const signature = chain.submit(transfer(chain, wallets[0], 1e9, wallets[1].publicKey), true);
  assert.equal(signature.refused, null);
  await close(chain);
  const again = openChain({ state, snapshotEvery: 20 }).chain;
  assert.equal(again.ledger.size, 51);
  const total = (of) => of.programAccounts(Buffer.alloc(32)).reduce((sum, { account }) => sum + account.lamports, 0n);
  assert.equal(total(again), total(chain));
  assert.equal(again.svm.balance(wallets[1].publicKey.toBuffer()), 101n * SOL);
});

test('A closed account stays closed after a restart', async () => {
  const state = temporaryFolder();
  const { chain } = openChain({ state });
  const wallet = richWallet(chain);
  const all = Number(chain.svm.balance(wallet.publicKey.toBuffer()) - 5000n);
  assert.equal(chain.submit(transfer(chain, wallet, all), true).refused, null);
  assert.equal(chain.svm.account(wallet.publicKey.toBuffer()), null);
  await close(chain);
  assert.equal(openChain({ state }).chain.svm.account(wallet.publicKey.toBuffer()), null);
});

test('The accounts of a program are those of LiteSVM, also after changes', () => {
  const { chain } = openChain();
  const system = Buffer.alloc(32);
  const listed = (found) => found.map(({ address, account }) => `${encodeBase58(address)} ${account.lamports}`).sort();
  assert.ok(chain.programAccounts(system).length > 0);
  const wallets = [1, 2, 3].map(() => richWallet(chain));
  const [first] = wallets;
  const all = Number(chain.svm.balance(first.publicKey.toBuffer()) - 5000n);
  chain.submit(transfer(chain, first, all, wallets[1].publicKey), true);
  chain.submit(transfer(chain, wallets[2], 500e9), true);
  assert.deepEqual(listed(chain.programAccounts(system)), listed(chain.svm.programAccounts(system)));
  assert.ok(!listed(chain.programAccounts(system)).some((line) => line.startsWith(first.publicKey.toBase58())));
});

test('The statistics name the units of each instruction', () => {
  const { chain } = openChain();
  const wallet = richWallet(chain);
  const programId = new PublicKey('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr');
  for (const text of ['one', 'two two', 'three three three']) {
    const memo = new TransactionInstruction({ programId, keys: [], data: Buffer.from(text) });
    chain.submit(signed(chain, wallet, memo), true);
  }
  const { transactions, instructions } = chain.stats.report();
  assert.equal(transactions, 4);
  const [memo] = instructions;
  assert.equal(memo.program, programId.toBase58());
  assert.equal(memo.discriminator, '');
  assert.equal(memo.count, 3);
  assert.ok(memo.medianComputeUnits > 0);
});

test('A program given at the start is executable', async () => {
  const { chain: donor } = openChain();
  const memo = new PublicKey('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr');
  const elf = donor.svm.account(memo.toBuffer()).data;
  const programId = Keypair.generate().publicKey;
  const state = temporaryFolder();
  const programs = [{ address: programId.toBuffer(), elf }];
  const run = (chain) => {
    const wallet = richWallet(chain);
    const data = Buffer.from(`hello ${chain.slots.slot}`);
    return chain.submit(signed(chain, wallet, new TransactionInstruction({ programId, keys: [], data })), true).refused;
  };
  const first = openChain({ state, programs });
  slotsLater(first.clock, 1);
  assert.equal(run(first.chain), null);
  await close(first.chain);
  const second = openChain({ state, programs });
  assert.equal(run(second.chain), null);
  assert.equal(encodeBase58(programId.toBuffer()), programId.toBase58());
});
