/** Solana's PubSub port: subscriptions over WebSocket. */
import { WebSocketServer } from 'ws';
import { toJson } from './encoding.mjs';
import { Code, invalidParams, RpcError } from './errors.mjs';
import { checkRequest, failure, idOf } from './rpc/dispatch.mjs';
import { SLOT_MS } from './slots.mjs';
import { subscribe } from './subscriptions.mjs';

const MAX_MESSAGE_BYTES = 64 * 1024;
const PING_MS = 30_000;

export class PubSub {
  #chain;
  #options;
  #server;
  #clients = new Set();
  #nextId = 1;
  #timer = null;
  #slotWatchers = 0;
  #pinger;

  /**
   * @param {import('./chain.mjs').Chain} chain
   * @param {object} options
   * @param {import('./origin.mjs').OriginRule} options.origins
   * @param {number} options.maxConnections
   * @param {number} options.maxSubscriptions of one connection
   * @param {number} options.maxBufferedBytes unread by one client, before it is cut off
   * @param {(text: string) => void} options.log
   */
  constructor(chain, options) {
    this.#chain = chain;
    this.#options = options;
    chain.on('transaction', (event) => this.#onTransaction(event));
    chain.on('slot', (slot) => this.#onSlot(slot));
    this.#pinger = setInterval(() => this.#pingAll(), PING_MS);
    this.#pinger.unref();
  }

  /** @returns {Promise<number>} the port */
  listen(host, port) {
    return new Promise((resolve, reject) => {
      this.#server = new WebSocketServer({
        host,
        port,
        maxPayload: MAX_MESSAGE_BYTES,
        verifyClient: ({ req }) =>
          this.#options.origins.permits(req.headers.origin) && this.#clients.size < this.#options.maxConnections,
      });
      this.#server.once('error', reject);
      this.#server.once('listening', () => resolve(this.#server.address().port));
      this.#server.on('connection', (socket) => this.#accept(socket));
    });
  }

  #accept(socket) {
    const client = { socket, subscriptions: new Map(), isAlive: true };
    this.#clients.add(client);
    socket.on('message', (data) => this.#onMessage(client, data.toString()));
    socket.on('pong', () => {
      client.isAlive = true;
    });
    // A broken client is no news; its close follows.
    socket.on('error', (error) => this.#options.log(`pubsub: ${error.message}`));
    socket.on('close', () => {
      [...client.subscriptions.keys()].forEach((id) => this.#remove(client, id));
      this.#clients.delete(client);
    });
  }

  #onMessage(client, text) {
    let request;
    try {
      request = JSON.parse(text);
    } catch {
      this.#send(client, failure(null, new RpcError(Code.parseError, 'Parse error')));
      return;
    }
    const id = idOf(request);
    try {
      checkRequest(request);
      const { result, first } = this.#call(client, request.method, request.params ?? []);
      this.#send(client, { jsonrpc: '2.0', result, id: id ?? null });
      first?.();
    } catch (error) {
      this.#send(client, failure(id ?? null, this.#asRpcError(error)));
    }
  }

  #asRpcError(error) {
    if (error instanceof RpcError) {
      return error;
    }
    this.#options.log(`pubsub: ${error.stack}`);
    return new RpcError(Code.internalError, 'Internal error');
  }

  #call(client, method, params) {
    const kind = /^(signature|logs|account|program|slot|root)(Subscribe|Unsubscribe)$/.exec(method);
    if (kind === null) {
      throw new RpcError(Code.methodNotFound, 'Method not found');
    }
    if (kind[2] === 'Unsubscribe') {
      return { result: this.#unsubscribe(client, kind[1], params[0]) };
    }
    if (client.subscriptions.size >= this.#options.maxSubscriptions) {
      throw new RpcError(Code.internalError, `Too many subscriptions: at most ${this.#options.maxSubscriptions}`);
    }
    const id = this.#nextId++;
    const subscription = subscribe[kind[1]](this.#chain, params);
    this.#add(client, id, { kind: kind[1], ...subscription });
    return { result: id, first: () => this.#tellFirst(client, id, subscription) };
  }

  /**
   * A signature that is already known is told at once.
   * @param {import('./subscriptions.mjs').Subscription} subscription
   */
  #tellFirst(client, id, { already }) {
    const value = already?.();
    if (value !== undefined) {
      this.#chain.durable().then(() => this.#notify(client, id, value));
    }
  }

  #unsubscribe(client, kind, id) {
    if (client.subscriptions.get(id)?.kind !== kind) {
      throw invalidParams('Invalid subscription id.');
    }
    this.#remove(client, id);
    return true;
  }

  #add(client, id, subscription) {
    client.subscriptions.set(id, subscription);
    this.#watchSlots(subscription.ofSlot === undefined ? 0 : 1);
  }

  #remove(client, id) {
    const { ofSlot } = client.subscriptions.get(id);
    client.subscriptions.delete(id);
    this.#watchSlots(ofSlot === undefined ? 0 : -1);
  }

  #onTransaction(event) {
    this.#tellAll((subscription) => subscription.ofTransaction?.(event) ?? []);
  }

  #onSlot(slot) {
    this.#tellAll((subscription) => subscription.ofSlot?.(slot) ?? []);
  }

  #tellAll(valuesOf) {
    for (const client of this.#clients) {
      for (const [id, subscription] of client.subscriptions) {
        this.#tell(client, id, () => valuesOf(subscription));
      }
    }
  }

  /** What goes wrong for one subscription is not the others' business. */
  #tell(client, id, values) {
    try {
      values().forEach((value) => this.#notify(client, id, value));
    } catch (error) {
      this.#options.log(`pubsub: ${error.stack}`);
    }
  }

  #notify(client, id, result) {
    const subscription = client.subscriptions.get(id);
    if (subscription === undefined) {
      return;
    }
    this.#send(client, {
      jsonrpc: '2.0',
      method: `${subscription.kind}Notification`,
      params: { result, subscription: id },
    });
    if (subscription.once) {
      this.#remove(client, id);
    }
  }

  #send({ socket }, message) {
    if (socket.readyState !== socket.OPEN) {
      return;
    }
    socket.send(toJson(message));
    if (socket.bufferedAmount > this.#options.maxBufferedBytes) {
      this.#options.log(`pubsub: a client left ${socket.bufferedAmount} bytes unread and is cut off`);
      // No closing handshake: it would wait behind what the client does not read.
      socket.terminate();
    }
  }

  /** Slots move by themselves only while someone watches them. */
  #watchSlots(change) {
    this.#slotWatchers += change;
    const isWatched = this.#slotWatchers > 0;
    if (isWatched && this.#timer === null) {
      this.#timer = setInterval(() => this.#chain.advance(), SLOT_MS);
    } else if (!isWatched && this.#timer !== null) {
      clearInterval(this.#timer);
      this.#timer = null;
    }
  }

  #pingAll() {
    for (const client of this.#clients) {
      if (!client.isAlive) {
        client.socket.terminate();
        continue;
      }
      client.isAlive = false;
      client.socket.ping();
    }
  }

  close() {
    clearInterval(this.#timer);
    clearInterval(this.#pinger);
    for (const { socket } of this.#clients) {
      socket.terminate();
    }
    return new Promise((resolve) => (this.#server === undefined ? resolve() : this.#server.close(resolve)));
  }
}
