/** Programs loaded at the start, and who may upgrade them, as clients see it. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { Keypair, PublicKey, Transaction, TransactionInstruction } from '@solana/web3.js';
import { call, startServer, temporaryFolder } from './support.mjs';

const MEMO = 'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr';
const LOADER = new PublicKey('BPFLoaderUpgradeab1e11111111111111111111111');
const SET_AUTHORITY = Buffer.from([4, 0, 0, 0]);
const programId = Keypair.generate().publicKey;
const [programData] = PublicKey.findProgramAddressSync([programId.toBuffer()], LOADER);
const authority = Keypair.generate();
let program;

before(async () => {
  const server = await startServer();
  const { result } = await call(server.rpcUrl, 'getAccountInfo', [MEMO, { encoding: 'base64' }]);
  const file = join(temporaryFolder(), 'memo.so');
  writeFileSync(file, Buffer.from(result.value.data[0], 'base64'));
  program = ['--program', `${programId}=${file}`];
  await server.stop();
});

async function authorityOf(server) {
  const { result: { value } } = await call(server.rpcUrl, 'getAccountInfo', [`${programData}`, { encoding: 'base64' }]);
  const data = Buffer.from(value.data[0], 'base64');
  assert.equal(value.owner, LOADER.toBase58());
  assert.equal(value.executable, false);
  assert.equal(data.readUInt32LE(0), 3);
  assert.equal(data.subarray(45, 49).toString('latin1'), '\x7fELF');
  return data[12] === 0 ? null : new PublicKey(data.subarray(13, 45)).toBase58();
}

async function send(server, instruction, signers = []) {
  const payer = Keypair.generate();
  await call(server.rpcUrl, 'requestAirdrop', [payer.publicKey.toBase58(), 1e9]);
  const { result: { value: { blockhash } } } = await call(server.rpcUrl, 'getLatestBlockhash');
  const transaction = new Transaction({ feePayer: payer.publicKey, recentBlockhash: blockhash }).add(instruction);
  transaction.sign(payer, ...signers);
  const wire = transaction.serialize().toString('base64');
  const { error } = await call(server.rpcUrl, 'sendTransaction', [wire, { encoding: 'base64' }]);
  assert.equal(error, undefined, JSON.stringify(error));
}

function memo(text) {
  return new TransactionInstruction({ programId, keys: [], data: Buffer.from(text) });
}

/** The loader's SetAuthority without a new authority: nobody may upgrade from here on. */
function makeImmutable() {
  const keys = [
    { pubkey: programData, isSigner: false, isWritable: true },
    { pubkey: authority.publicKey, isSigner: true, isWritable: false },
  ];
  return new TransactionInstruction({ programId: LOADER, keys, data: SET_AUTHORITY });
}

test('A program has the upgrade authority that the start names, with and without a restart', async () => {
  const state = temporaryFolder();
  const args = [...program, '--upgrade-authority', authority.publicKey.toBase58()];
  const first = await startServer({ state, args });
  assert.equal(await authorityOf(first), authority.publicKey.toBase58());
  await send(first, memo('one'));
  await first.kill();

  const second = await startServer({ state, args });
  assert.equal(await authorityOf(second), authority.publicKey.toBase58());
  await send(second, memo('two'));
  assert.equal(await second.stop(), 0);
});

test('A program without a named upgrade authority has none', async () => {
  const server = await startServer({ args: program });
  assert.equal(await authorityOf(server), null);
  await server.stop();
});

test('A program made immutable stays so over a kill, whatever the start names', async () => {
  const state = temporaryFolder();
  const args = [...program, '--upgrade-authority', authority.publicKey.toBase58()];
  const first = await startServer({ state, args });
  await send(first, makeImmutable(), [authority]);
  assert.equal(await authorityOf(first), null);
  await first.kill();

  const second = await startServer({ state, args });
  assert.equal(await authorityOf(second), null);
  await assert.rejects(() => send(second, makeImmutable(), [authority]), /[Ss]imulation failed/);
  await send(second, memo('still here'));
  await second.stop();
});

test('A chain whose clock stands still goes on with slots, health and blockhashes', async () => {
  const server = await startServer({ args: [...program, '--simulated-clock'] });
  await nextSlot(server);
  await nextSlot(server);
  assert.equal((await call(server.rpcUrl, 'getHealth')).result, 'ok');
  await send(server, memo('now'));
  const { result: slot } = await call(server.rpcUrl, 'getSlot');
  assert.equal((await call(server.rpcUrl, 'getBlockTime', [slot])).result, 0);
  await server.stop();
});

test('An upgrade authority that is no address is refused at the start', async () => {
  await assert.rejects(() => startServer({ args: [...program, '--upgrade-authority', 'me'] }), /wants an address/);
});

async function nextSlot(server) {
  const { result: slot } = await call(server.rpcUrl, 'getSlot');
  let now = slot;
  while (now === slot) {
    now = (await call(server.rpcUrl, 'getSlot')).result;
  }
}
