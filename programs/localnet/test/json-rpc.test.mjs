/** Wrong input on the RPC port: Solana's codes, nothing executed, the process alive. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { call, post, startServer } from './support.mjs';

const WALLET = '9WzDXwBbmkg8ZTbNMqUxvQRAyrZzDsGYdLVL9zYtAWWM';
let server;

before(async () => {
  const args = ['--max-batch', '5', '--max-body', '20000', '--cors-origin', 'http://shop.test'];
  server = await startServer({ args });
});

after(() => server.stop());

async function codeOf(method, ...params) {
  return (await call(server.rpcUrl, method, params)).error.code;
}

test('Text that is not JSON is a parse error', async () => {
  const answer = await post(server.rpcUrl, '{"jsonrpc":');
  assert.deepEqual(answer.error, { code: -32700, message: 'Parse error' });
  assert.equal(answer.id, null);
});

test('What is no request is an invalid request', async () => {
  for (const body of ['1', '"x"', 'null', '{}', '[]', '{"jsonrpc":"1.0","id":1,"method":"getSlot"}', '[1]']) {
    const answer = JSON.parse((await post(server.rpcUrl, body)).text);
    assert.equal((Array.isArray(answer) ? answer[0] : answer).error.code, -32600, body);
  }
});

test('An unknown method is not found, and neither is one of an object', async () => {
  for (const method of ['getNothing', 'constructor', '__proto__', 'toString', 'gridtokenx_setTime']) {
    assert.deepEqual((await call(server.rpcUrl, method)).error, { code: -32601, message: 'Method not found' });
  }
});

test('Parameters that do not fit are invalid', async () => {
  const wrong = [
    ['getBalance'],
    ['getBalance', 5],
    ['getBalance', 'abc'],
    ['getBalance', 'O0Il'],
    ['getBalance', '1'.repeat(100_00)],
    ['getBalance', WALLET, { commitment: 'soon' }],
    ['getBalance', WALLET, 'finalized'],
    ['getBalance', WALLET, { minContextSlot: -1 }],
    ['getAccountInfo', WALLET, { encoding: 'rot13' }],
    ['getAccountInfo', WALLET, { encoding: 'base64', dataSlice: { offset: -1, length: 2 } }],
    ['getMultipleAccounts', Array(101).fill(WALLET)],
    ['getMultipleAccounts', WALLET],
    ['getProgramAccounts', WALLET, { filters: [{ memcmp: { offset: 0, bytes: 7 } }] }],
    ['getProgramAccounts', WALLET, { filters: Array(5).fill({ dataSize: 1 }) }],
    ['getTokenAccountBalance', WALLET],
    ['getTokenSupply', WALLET],
    ['getTokenAccountsByOwner', WALLET, {}],
    ['getTokenAccountsByOwner', WALLET, { mint: WALLET }],
    ['getTokenAccountsByOwner', WALLET, { programId: WALLET }],
    ['getSignatureStatuses', Array(257).fill('1'.repeat(64))],
    ['getSignatureStatuses', ['short']],
    ['getSignaturesForAddress', WALLET, { limit: 0 }],
    ['getSignaturesForAddress', WALLET, { limit: 1001 }],
    ['getSignaturesForAddress', WALLET, { commitment: 'processed' }],
    ['getTransaction', '1'.repeat(64), { encoding: 'xml' }],
    ['getMinimumBalanceForRentExemption', -5],
    ['getMinimumBalanceForRentExemption', 1.5],
    ['requestAirdrop', WALLET, -1],
    ['requestAirdrop', WALLET, 1e300],
    ['requestAirdrop', WALLET, '5'],
    ['sendTransaction', ''],
    ['sendTransaction', 'AAAA', { encoding: 'base64' }],
    ['sendTransaction', '!!!!', { encoding: 'base64' }],
    ['sendTransaction', 'A'.repeat(5000), { encoding: 'base64' }],
    ['sendTransaction', 'z'.repeat(1684)],
    ['sendTransaction', { wire: 1 }],
    ['simulateTransaction', 'AAAA', { encoding: 'base64' }],
    ['getFeeForMessage', 'AAAA'],
    ['isBlockhashValid', 'abc'],
    ['getBlockTime', 'x'],
  ];
  for (const [method, ...params] of wrong) {
    assert.equal(await codeOf(method, ...params), -32602, `${method} ${JSON.stringify(params).slice(0, 80)}`);
  }
  const named = await post(server.rpcUrl, '{"jsonrpc":"2.0","id":1,"method":"getSlot","params":{"a":1}}');
  assert.equal(named.error.code, -32602);
});

test('A slot that is not there yet is named so', async () => {
  assert.equal(await codeOf('getBlockTime', 999_999_999_999), -32004);
  const { error } = await call(server.rpcUrl, 'getSlot', [{ minContextSlot: 999_999_999_999 }]);
  assert.equal(error.code, -32016);
  assert.equal(typeof error.data.contextSlot, 'number');
});

test('A program account does not fit into base 58', async () => {
  assert.equal(await codeOf('getAccountInfo', 'ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL'), -32600);
});

test('A batch is answered in order, a notification not at all', async () => {
  const batch = [
    { jsonrpc: '2.0', id: 'a', method: 'getHealth' },
    { jsonrpc: '2.0', method: 'getSlot' },
    { jsonrpc: '2.0', id: 7, method: 'nothing' },
    5,
  ];
  const answers = JSON.parse((await post(server.rpcUrl, JSON.stringify(batch))).text);
  const told = answers.map(({ id, result, error }) => [id, result ?? error.code]);
  assert.deepEqual(told, [['a', 'ok'], [7, -32601], [null, -32600]]);
  const silent = await post(server.rpcUrl, '{"jsonrpc":"2.0","method":"getSlot"}');
  assert.equal(silent.text, '');
});

test('A batch over the limit is refused whole', async () => {
  const batch = Array(6).fill({ jsonrpc: '2.0', id: 1, method: 'getSlot' });
  assert.equal((await post(server.rpcUrl, JSON.stringify(batch))).error.code, -32600);
});

test('A body over the limit is refused before it is read', async () => {
  const answer = await new Promise((resolve, reject) => {
    const sending = request(server.rpcUrl, { method: 'POST', headers: { 'content-type': 'application/json' } });
    sending.on('response', (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sending.on('error', reject);
    sending.write('x'.repeat(30_000));
  });
  assert.equal(answer, 413);
  assert.equal((await call(server.rpcUrl, 'getHealth')).result, 'ok');
});

test('Another content type, method or host name is refused', async () => {
  const body = '{"jsonrpc":"2.0","id":1,"method":"getHealth"}';
  assert.equal((await post(server.rpcUrl, body, { 'content-type': 'text/plain' })).status, 415);
  assert.equal((await fetch(server.rpcUrl, { method: 'PUT', body })).status, 405);
  const status = await new Promise((resolve, reject) => {
    const headers = { host: 'evil.example', 'content-type': 'application/json' };
    const sending = request(server.rpcUrl, { method: 'POST', headers }, ({ statusCode }) => resolve(statusCode));
    sending.on('error', reject).end(body);
  });
  assert.equal(status, 403);
});

test('Only a named web page may read answers', async () => {
  const allowed = await fetch(server.rpcUrl, { method: 'OPTIONS', headers: { origin: 'http://shop.test' } });
  assert.equal(allowed.headers.get('access-control-allow-origin'), 'http://shop.test');
  const other = await fetch(server.rpcUrl, { method: 'OPTIONS', headers: { origin: 'http://evil.test' } });
  assert.equal(other.headers.get('access-control-allow-origin'), null);
});

test('An integer above 2^53 is written in full', async () => {
  await call(server.rpcUrl, 'requestAirdrop', [WALLET, 1_000_000_000]);
  const { text } = await call(server.rpcUrl, 'getAccountInfo', [WALLET, { encoding: 'base64' }]);
  assert.match(text, /"rentEpoch":18446744073709551615/);
  assert.match(text, /"data":\["","base64"\]/);
});

test('An airdrop beyond the faucet is refused', async () => {
  const amount = Number.MAX_SAFE_INTEGER;
  const answers = [];
  for (let i = 0; i < 60; i++) {
    answers.push(await call(server.rpcUrl, 'requestAirdrop', [WALLET, amount]));
  }
  assert.equal(answers.at(-1).error.code, -32603);
  assert.equal(answers[0].error, undefined);
});

test('The stock health check answers', async () => {
  const response = await fetch(`${server.rpcUrl}/health`);
  assert.equal(await response.text(), 'ok');
});

test('Nothing of all this was worth a log line', () => {
  assert.equal(server.errors(), '');
});
