/** The process is killed with -9 in the middle of load: what was answered is there, and was executed once. */
import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Keypair, SystemProgram, Transaction } from '@solana/web3.js';
import { call, startServer, temporaryFolder } from './support.mjs';

const ROUNDS = 5;
const WALLETS = 8;
const AMOUNT = 1_000_000;
const GONE = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'];

async function result(rpcUrl, method, ...params) {
  const answer = await call(rpcUrl, method, params);
  assert.equal(answer.error, undefined, JSON.stringify(answer.error));
  return answer.result;
}

async function airdrop(rpcUrl, keypair, lamports = 1_000_000_000_000) {
  return result(rpcUrl, 'requestAirdrop', keypair.publicKey.toBase58(), lamports);
}

/** Sends transfers until the server is gone; every one goes to an address of its own. */
async function sendUntilGone(server, wallet, sent) {
  for (;;) {
    const to = Keypair.generate().publicKey;
    const entry = { to, wire: null, signature: null, isAnswered: false };
    try {
      const { value: { blockhash } } = await result(server.rpcUrl, 'getLatestBlockhash');
      const transaction = new Transaction({ feePayer: wallet.publicKey, recentBlockhash: blockhash });
      transaction.add(SystemProgram.transfer({ fromPubkey: wallet.publicKey, toPubkey: to, lamports: AMOUNT }));
      transaction.sign(wallet);
      entry.wire = transaction.serialize().toString('base64');
      sent.push(entry);
      entry.signature = await result(server.rpcUrl, 'sendTransaction', entry.wire, { encoding: 'base64' });
      entry.isAnswered = true;
    } catch (error) {
      if (GONE.includes(error.cause?.code)) {
        return;
      }
      throw error;
    }
  }
}

async function balances(rpcUrl, addresses) {
  const found = [];
  for (let i = 0; i < addresses.length; i += 100) {
    const some = addresses.slice(i, i + 100).map((address) => address.toBase58());
    const { value } = await result(rpcUrl, 'getMultipleAccounts', some, { encoding: 'base64' });
    found.push(...value.map((account) => account?.lamports ?? 0));
  }
  return found;
}

async function statuses(rpcUrl, signatures) {
  const found = [];
  for (let i = 0; i < signatures.length; i += 200) {
    const { value } = await result(rpcUrl, 'getSignatureStatuses', signatures.slice(i, i + 200));
    found.push(...value);
  }
  return found;
}

test('No answered transaction is lost and none is executed twice, over several kills', async () => {
  const state = temporaryFolder();
  const args = ['--snapshot-every', '300'];
  const wallets = Array.from({ length: WALLETS }, () => Keypair.generate());
  const sent = [];
  let lastSlot = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const server = await startServer({ state, args });
    if (round === 0) {
      for (const wallet of wallets) {
        await airdrop(server.rpcUrl, wallet);
      }
    }
    const before = sent.length;
    const load = wallets.map((wallet) => sendUntilGone(server, wallet, sent));
    await waitUntil(() => sent.length >= before + 250 + round * 70);
    await server.kill();
    await Promise.all(load);

    const again = await startServer({ state, args });
    const slot = await result(again.rpcUrl, 'getSlot');
    assert.ok(slot >= lastSlot, 'slots do not go back');
    lastSlot = slot;
    await checkAll(again, sent, wallets);
    await again.kill();
  }
  assert.ok(readdirSync(state).some((name) => name.startsWith('snapshot-')), 'snapshots were taken on the way');
});

async function waitUntil(holds) {
  while (!holds()) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function checkAll(server, sent, wallets) {
  const lamports = await balances(server.rpcUrl, sent.map(({ to }) => to));
  sent.forEach(({ isAnswered, wire }, index) => {
    const allowed = isAnswered ? [AMOUNT] : [0, AMOUNT];
    assert.ok(allowed.includes(lamports[index]), `transfer ${index} of ${wire.length} characters: ${lamports[index]}`);
  });
  const executed = lamports.filter((amount) => amount > 0).length;
  const left = await balances(server.rpcUrl, wallets.map(({ publicKey }) => publicKey));
  const total = left.reduce((sum, amount) => sum + BigInt(amount), 0n);
  const spent = BigInt(WALLETS) * 1_000_000_000_000n - total;
  assert.equal(spent, BigInt(executed) * BigInt(AMOUNT + 5000), 'every executed transfer was paid once');

  const answered = sent.filter(({ isAnswered }) => isAnswered);
  const found = await statuses(server.rpcUrl, answered.map(({ signature }) => signature));
  assert.ok(found.every((status) => status?.err === null), 'every answered signature is known');
  const stats = await result(server.rpcUrl, 'gridtokenx_stats');
  assert.equal(stats.transactions, executed + WALLETS);
  await resendLast(server, sent);
}

/** The bytes of the last unanswered transaction again: executed now, or known already, but once. */
async function resendLast(server, sent) {
  const entry = sent.findLast(({ isAnswered }) => !isAnswered);
  if (entry === undefined) {
    return;
  }
  const answer = await call(server.rpcUrl, 'sendTransaction', [entry.wire, { encoding: 'base64' }]);
  if (answer.error !== undefined) {
    assert.ok(['AlreadyProcessed', 'BlockhashNotFound'].includes(answer.error.data.err), answer.text);
  }
  const [lamports] = await balances(server.rpcUrl, [entry.to]);
  if (answer.error === undefined || answer.error.data.err === 'AlreadyProcessed') {
    assert.equal(lamports, AMOUNT);
  }
}

test('Statuses, records, time and recent blockhashes survive a kill', async () => {
  const state = temporaryFolder();
  const first = await startServer({ state, args: ['--simulated-clock'] });
  const wallet = Keypair.generate();
  const signature = await airdrop(first.rpcUrl, wallet);
  await result(first.rpcUrl, 'gridtokenx_setTime', 1_700_000_000);
  const { value: { blockhash } } = await result(first.rpcUrl, 'getLatestBlockhash');
  const version = { maxSupportedTransactionVersion: 0 };
  const record = await result(first.rpcUrl, 'getTransaction', signature, version);
  const genesis = await result(first.rpcUrl, 'getGenesisHash');
  await first.kill();

  const second = await startServer({ state, args: ['--simulated-clock'] });
  assert.deepEqual(await result(second.rpcUrl, 'getTransaction', signature, version), record);
  assert.equal(await result(second.rpcUrl, 'getGenesisHash'), genesis);
  assert.equal((await result(second.rpcUrl, 'isBlockhashValid', blockhash)).value, true);
  const [{ signature: listed }] = await result(second.rpcUrl, 'getSignaturesForAddress', wallet.publicKey.toBase58());
  assert.equal(listed, signature);
  const slot = await result(second.rpcUrl, 'getSlot');
  assert.equal(await result(second.rpcUrl, 'getBlockTime', slot), 1_700_000_000);
  assert.equal((await call(second.rpcUrl, 'gridtokenx_setTime', [1_699_999_999])).error.code, -32602);
  assert.equal(await second.stop(), 0);
});

test('A torn last record is cut off, damage before it stops the start', async () => {
  const state = temporaryFolder();
  const first = await startServer({ state });
  const wallet = Keypair.generate();
  await airdrop(first.rpcUrl, wallet);
  await first.kill();
  const journal = join(state, readdirSync(state).filter((name) => name.startsWith('journal-')).at(-1));
  appendFileSync(journal, readFileSync(journal).subarray(0, 50));

  const second = await startServer({ state });
  assert.match(second.errors(), /50 bytes of an unfinished record cut off/);
  const { value } = await result(second.rpcUrl, 'getBalance', wallet.publicKey.toBase58());
  assert.equal(value, 1_000_000_000_000);
  await second.kill();

  writeFileSync(join(state, 'journal-00000002.log'), readFileSync(journal));
  truncateSync(journal, statSync(journal).size - 1);
  await assert.rejects(() => startServer({ state }), /is damaged at byte/);
});

test('A state folder has one process at a time', async () => {
  const server = await startServer();
  await assert.rejects(() => startServer({ state: server.state }), /is in use by process/);
  assert.equal(await server.stop(), 0);
});
