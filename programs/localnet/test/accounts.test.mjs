/** Accounts by the RPC: encodings, slices, filters; the simulated clock's private method. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { Connection, Keypair, PublicKey } from '@solana/web3.js';
import { createMint, getOrCreateAssociatedTokenAccount, mintTo, TOKEN_PROGRAM_ID } from '@solana/spl-token';
import { WebSocket } from 'ws';
import { call, startServer } from './support.mjs';

let server, payer, mint;
const holders = [];

before(async () => {
  server = await startServer({ args: ['--simulated-clock'] });
  const connection = new Connection(server.rpcUrl, { commitment: 'confirmed', wsEndpoint: server.wsUrl });
  payer = Keypair.generate();
  await call(server.rpcUrl, 'requestAirdrop', [payer.publicKey.toBase58(), 1e12]);
  mint = await createMint(connection, payer, payer.publicKey, payer.publicKey, 6);
  for (const amount of [300n, 200n, 100n]) {
    const owner = Keypair.generate().publicKey;
    const { address } = await getOrCreateAssociatedTokenAccount(connection, payer, mint, owner);
    await mintTo(connection, payer, mint, address, payer, amount);
    holders.push({ owner, address, amount });
  }
  connection._rpcWebSocket.close();
});

after(() => server.stop());

async function result(method, ...params) {
  const { error, result: value } = await call(server.rpcUrl, method, params);
  assert.equal(error, undefined, JSON.stringify(error));
  return value;
}

const TOKENS = TOKEN_PROGRAM_ID.toBase58();

function holderOf(index) {
  return holders[index].address.toBase58();
}

test('Program accounts are found by size and by bytes at an offset', async () => {
  const all = await result('getProgramAccounts', TOKENS, { encoding: 'base64', filters: [{ dataSize: 165 }] });
  const ours = await result('getProgramAccounts', TOKENS, {
    encoding: 'base64', filters: [{ dataSize: 165 }, { memcmp: { offset: 0, bytes: mint.toBase58() } }],
  });
  assert.deepEqual(new Set(ours.map(({ pubkey }) => pubkey)), new Set(holders.map((_, index) => holderOf(index))));
  assert.ok(all.length >= ours.length);
  const [one] = await result('getProgramAccounts', TOKENS, {
    encoding: 'base64', filters: [{ memcmp: { offset: 32, bytes: holders[1].owner.toBase58(), encoding: 'base58' } }],
  });
  assert.equal(one.pubkey, holderOf(1));
  const inBase64 = { offset: 32, bytes: holders[1].owner.toBuffer().toString('base64'), encoding: 'base64' };
  const again = await result('getProgramAccounts', TOKENS, { encoding: 'base64', filters: [{ memcmp: inBase64 }] });
  assert.deepEqual(again, [one]);
  const beyond = { memcmp: { offset: 1000, bytes: '2' } };
  assert.deepEqual(await result('getProgramAccounts', TOKENS, { filters: [beyond] }), []);
});

test('A data slice is shown instead of the whole data', async () => {
  const found = await result('getProgramAccounts', TOKENS, {
    encoding: 'base64', dataSlice: { offset: 64, length: 8 }, withContext: true,
    filters: [{ memcmp: { offset: 0, bytes: mint.toBase58() } }],
  });
  assert.ok(found.context.slot > 0);
  const amounts = found.value.map(({ account }) => Buffer.from(account.data[0], 'base64').readBigUInt64LE());
  assert.deepEqual(amounts.sort(), [100n, 200n, 300n]);
  assert.equal(found.value[0].account.space, 165);
});

test('An account has every encoding', async () => {
  const address = holderOf(0);
  const dataIn = async (encoding, dataSlice) =>
    (await result('getAccountInfo', address, { encoding, dataSlice })).value.data;
  const [base64] = await dataIn('base64');
  assert.equal(Buffer.from(base64, 'base64').length, 165);
  const [base58, name] = await dataIn('base58', { offset: 0, length: 32 });
  assert.equal(base58, mint.toBase58());
  assert.equal(name, 'base58');
  assert.equal(await dataIn(undefined, { offset: 0, length: 32 }), mint.toBase58());
  const { program, parsed, space } = await dataIn('jsonParsed');
  assert.deepEqual([program, space, parsed.type], ['spl-token', 165, 'account']);
  assert.deepEqual(parsed.info, {
    isNative: false,
    mint: mint.toBase58(),
    owner: holders[0].owner.toBase58(),
    state: 'initialized',
    tokenAmount: { amount: '300', decimals: 6, uiAmount: 0.0003, uiAmountString: '0.0003' },
  });
});

test('A mint is parsed, what is no token is base64', async () => {
  const { value: [shown, missing, wallet] } = await result(
    'getMultipleAccounts',
    [mint.toBase58(), Keypair.generate().publicKey.toBase58(), payer.publicKey.toBase58()],
    { encoding: 'jsonParsed' },
  );
  const authority = payer.publicKey.toBase58();
  assert.deepEqual(shown.data.parsed, {
    type: 'mint',
    info: { decimals: 6, freezeAuthority: authority, isInitialized: true, mintAuthority: authority, supply: '600' },
  });
  assert.equal(missing, null);
  assert.deepEqual(wallet.data, ['', 'base64']);
});

test('The largest holders come first', async () => {
  const { value } = await result('getTokenLargestAccounts', mint.toBase58());
  assert.deepEqual(value.map(({ address, amount }) => [address, amount]), [
    [holderOf(0), '300'], [holderOf(1), '200'], [holderOf(2), '100'],
  ]);
});

test('Program news without an encoding says that the data is too large for base 58', async () => {
  const socket = new WebSocket(server.wsUrl);
  await once(socket, 'open');
  socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'programSubscribe', params: [TOKENS] }));
  await once(socket, 'message');
  const connection = new Connection(server.rpcUrl, { commitment: 'confirmed', wsEndpoint: server.wsUrl });
  const tokenAccount = new Promise((resolve) => {
    socket.on('message', (text) => {
      const { account } = JSON.parse(text).params.result.value;
      if (account.space === 165) {
        resolve(account);
      }
    });
  });
  await mintTo(connection, payer, mint, holders[2].address, payer, 1n);
  assert.equal((await tokenAccount).data, 'error: data too large for bs58 encoding');
  connection._rpcWebSocket.close();
  socket.close();
  assert.equal((await call(server.rpcUrl, 'getHealth')).result, 'ok');
});

test('Only a set clock moves, and never back', async () => {
  const { unixTime } = await result('gridtokenx_setTime', 1_900_000_000);
  assert.equal(unixTime, 1_900_000_000);
  const clock = new PublicKey('SysvarC1ock11111111111111111111111111111111').toBase58();
  const { value } = await result('getAccountInfo', clock, { encoding: 'base64' });
  assert.equal(Buffer.from(value.data[0], 'base64').readBigInt64LE(32), 1_900_000_000n);
  for (const wrong of [1_899_999_999, -1, 1.5, 'now', null]) {
    assert.equal((await call(server.rpcUrl, 'gridtokenx_setTime', [wrong])).error.code, -32602);
  }
});

test('The statistics tell instructions of the token program apart', async () => {
  const { transactions, failed, instructions } = await result('gridtokenx_stats');
  assert.equal(transactions, 9);
  assert.equal(failed, 0);
  const mintToUnits = instructions.find(({ program, discriminator }) => program === TOKENS && discriminator === '07');
  assert.equal(mintToUnits.count, 4);
  assert.ok(mintToUnits.medianComputeUnits > 10 && mintToUnits.medianComputeUnits < 5000);
});
