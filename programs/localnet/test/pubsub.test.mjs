/** The WebSocket port: subscriptions, their limits, and clients that do not read. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { Keypair } from '@solana/web3.js';
import { WebSocket } from 'ws';
import { call, startServer } from './support.mjs';

const SYSTEM = '11111111111111111111111111111111';
let server;

before(async () => {
  server = await startServer({ args: ['--max-subscriptions', '4', '--max-buffered', '200000'] });
});

after(() => server.stop());

class Client {
  #socket;
  #queue = [];
  #wanted = [];
  #nextId = 1;

  static async open(options) {
    const client = new Client();
    client.#socket = new WebSocket(server.wsUrl, options);
    client.#socket.on('message', (data) => client.#take(JSON.parse(data)));
    await once(client.#socket, 'open');
    return client;
  }

  #take(message) {
    const at = this.#wanted.findIndex(({ matches }) => matches(message));
    if (at < 0) {
      this.#queue.push(message);
    } else {
      this.#wanted.splice(at, 1)[0].resolve(message);
    }
  }

  next(matches) {
    const at = this.#queue.findIndex(matches);
    return at >= 0
      ? Promise.resolve(this.#queue.splice(at, 1)[0])
      : new Promise((resolve) => this.#wanted.push({ matches, resolve }));
  }

  send(text) {
    this.#socket.send(text);
    return this.next(() => true);
  }

  call(method, ...params) {
    const id = this.#nextId++;
    this.#socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    return this.next((message) => message.id === id);
  }

  news(subscription) {
    return this.next(({ params }) => params?.subscription === subscription).then(({ params }) => params.result);
  }

  get unasked() {
    return this.#queue;
  }

  close() {
    this.#socket.close();
    return once(this.#socket, 'close');
  }
}

async function airdrop(to = Keypair.generate().publicKey.toBase58(), lamports = 1_000_000_000) {
  return (await call(server.rpcUrl, 'requestAirdrop', [to, lamports])).result;
}

test('A signature that is already known is told at once, and the subscription is over', async () => {
  const client = await Client.open();
  const signature = await airdrop();
  const { result: id } = await client.call('signatureSubscribe', signature, { commitment: 'finalized' });
  assert.deepEqual((await client.news(id)).value, { err: null });
  assert.equal((await client.call('signatureUnsubscribe', id)).error.code, -32602);
  await client.close();
});

test('Program news passes the filters and carries the account', async () => {
  const client = await Client.open();
  const to = Keypair.generate().publicKey.toBase58();
  const ofSize = (dataSize) => ({ encoding: 'base64', filters: [{ dataSize }] });
  const { result: id } = await client.call('programSubscribe', SYSTEM, ofSize(0));
  const { result: none } = await client.call('programSubscribe', SYSTEM, ofSize(9));
  await airdrop(to);
  const seen = [(await client.news(id)).value, (await client.news(id)).value];
  const { account } = seen.find(({ pubkey }) => pubkey === to);
  assert.deepEqual(account.data, ['', 'base64']);
  assert.equal(account.lamports, 1_000_000_000);
  await client.call('programUnsubscribe', id);
  await client.call('programUnsubscribe', none);
  assert.deepEqual(client.unasked, []);
  await client.close();
});

test('Logs of one address leave out those of others, logs of all do not', async () => {
  const client = await Client.open();
  const [one, other] = [0, 1].map(() => Keypair.generate().publicKey.toBase58());
  const { result: mentions } = await client.call('logsSubscribe', { mentions: [one] }, { commitment: 'processed' });
  const { result: all } = await client.call('logsSubscribe', 'all');
  const signatures = [await airdrop(other), await airdrop(one)];
  assert.equal((await client.news(mentions)).value.signature, signatures[1]);
  assert.deepEqual([(await client.news(all)).value.signature, (await client.news(all)).value.signature], signatures);
  await client.close();
});

test('After unsubscribing nothing more is told', async () => {
  const client = await Client.open();
  const to = Keypair.generate().publicKey.toBase58();
  const { result: id } = await client.call('accountSubscribe', to, { encoding: 'base64' });
  await airdrop(to);
  await client.news(id);
  assert.equal((await client.call('accountUnsubscribe', id)).result, true);
  await airdrop(to);
  await client.call('slotUnsubscribe', 1);
  assert.deepEqual(client.unasked, []);
  await client.close();
});

test('Wrong subscriptions get their errors', async () => {
  const client = await Client.open();
  const codes = [];
  for (const [method, ...params] of [
    ['getSlot'], ['accountSubscribe', 'abc'], ['signatureSubscribe', SYSTEM], ['logsSubscribe', 'some'],
    ['logsSubscribe', { mentions: [SYSTEM, SYSTEM] }], ['accountUnsubscribe', 99999], ['programSubscribe', SYSTEM, 4],
  ]) {
    codes.push((await client.call(method, ...params)).error.code);
  }
  assert.deepEqual(codes, [-32601, -32602, -32602, -32602, -32602, -32602, -32602]);
  assert.equal((await client.send('{"jsonrpc"')).error.code, -32700);
  assert.equal((await client.send('7')).error.code, -32600);
  await client.close();
});

test('A connection has a limit of subscriptions', async () => {
  const client = await Client.open();
  const answers = [];
  for (let i = 0; i < 5; i++) {
    answers.push(await client.call('slotSubscribe'));
  }
  assert.deepEqual(answers.map(({ error }) => error === undefined), [true, true, true, true, false]);
  await client.close();
});

test('A web page that is not allowed cannot connect', async () => {
  const socket = new WebSocket(server.wsUrl, { origin: 'http://evil.test' });
  const [error] = await once(socket, 'error');
  assert.match(error.message, /401/);
});

test('A message over the limit closes the connection', async () => {
  const socket = new WebSocket(server.wsUrl);
  await once(socket, 'open');
  socket.send('x'.repeat(70_000));
  const [code] = await once(socket, 'close');
  assert.equal(code, 1009);
});

test('A client that does not read is cut off, the others are served', async () => {
  const { hostname, port } = new URL(server.wsUrl);
  const slow = connect(Number(port), hostname);
  slow.on('error', () => slow.destroy());
  slow.write(
    `GET / HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  );
  await once(slow, 'data');
  for (let i = 0; i < 4; i++) {
    slow.write(masked(JSON.stringify({ jsonrpc: '2.0', id: i, method: 'logsSubscribe', params: ['all'] })));
  }
  await once(slow, 'data');
  slow.pause();

  const quick = await Client.open();
  const { result: id } = await quick.call('logsSubscribe', 'all');
  while (!/unread and is cut off/.test(server.errors())) {
    const batch = Array.from({ length: 50 }, (_, index) => ({
      jsonrpc: '2.0', id: index, method: 'requestAirdrop', params: [Keypair.generate().publicKey.toBase58(), 1_000_000],
    }));
    await fetch(server.rpcUrl, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(batch),
    });
  }
  const signature = await airdrop();
  const { params } = await quick.next((message) => message.params?.result.value.signature === signature);
  assert.deepEqual([params.subscription, params.result.value.err], [id, null]);
  slow.destroy();
  await quick.close();
});

/** A text frame as a client must send it; a mask of zeros leaves the text as it is. */
function masked(text) {
  const payload = Buffer.from(text);
  assert.ok(payload.length < 126, 'longer frames have another head');
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}
