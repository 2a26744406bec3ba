/** Solana's RPC port: JSON-RPC by POST, and GET /health. */
import { createServer } from 'node:http';
import { Code, RpcError } from './errors.mjs';
import { failure } from './rpc/dispatch.mjs';
import { toJson } from './encoding.mjs';

const MAX_CONNECTIONS = 1024;
const REQUEST_TIMEOUT_MS = 30_000;
const LOOPBACK_NAMES = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/**
 * @param {object} parts
 * @param {import('./chain.mjs').Chain} parts.chain
 * @param {import('./rpc/dispatch.mjs').Dispatcher} parts.dispatcher
 * @param {import('./origin.mjs').OriginRule} parts.origins
 * @param {number} parts.maxBodyBytes
 * @param {boolean} parts.isLoopback bound to this machine only
 * @param {(text: string) => void} parts.log
 */
export function createHttpServer({ chain, dispatcher, origins, maxBodyBytes, isLoopback, log }) {
  const server = createServer({ keepAliveTimeout: 65_000, requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    serve(request, response).catch((error) => {
      const isClientGone = error.code === 'ECONNRESET';
      if (!(error instanceof Refused) && !isClientGone) {
        log(`http: ${error.stack}`);
      }
      refuse(request, response, error);
    });
  });
  server.maxConnections = MAX_CONNECTIONS;

  async function serve(request, response) {
    // A web page may resolve its own name to this machine; it cannot choose the Host header.
    if (isLoopback && !LOOPBACK_NAMES.test(request.headers.host ?? '')) {
      throw new Refused(403, 'unknown host');
    }
    origins.allow(request, response);
    if (request.method === 'GET' && request.url === '/health') {
      return end(response, 200, 'text/plain', 'ok');
    }
    if (request.method === 'OPTIONS') {
      return end(response, 204, 'text/plain', '');
    }
    if (request.method !== 'POST') {
      throw new Refused(405, 'use POST');
    }
    // Demanded of browsers too: a page of another origin can then not post without asking first.
    if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
      throw new Refused(415, 'content-type must be application/json');
    }
    const answer = dispatcher.answer(await readBody(request, maxBodyBytes));
    await chain.durable();
    return answer === null ? end(response, 204, 'text/plain', '') : end(response, 200, 'application/json', answer);
  }

  return server;
}

/** @returns {Promise<string>} */
function readBody(request, maxBytes) {
  return new Promise((resolve, reject) => {
    const parts = [];
    let length = 0;
    request.on('data', (part) => {
      length += part.length;
      if (length > maxBytes) {
        request.removeAllListeners('data');
        reject(new Refused(413, `body over ${maxBytes} bytes`));
        return;
      }
      parts.push(part);
    });
    request.on('end', () => resolve((parts.length === 1 ? parts[0] : Buffer.concat(parts)).toString()));
    request.on('error', reject);
  });
}

function refuse(request, response, error) {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const status = error instanceof Refused ? error.status : 500;
  const code = error instanceof Refused ? Code.invalidRequest : Code.internalError;
  const message = error instanceof Refused ? error.message : 'Internal error';
  // What is left of the body is not read.
  response.setHeader('connection', 'close');
  end(response, status, 'application/json', toJson(failure(null, new RpcError(code, message))));
  response.once('finish', () => request.destroy());
}

function end(response, status, type, text) {
  if (status === 204) {
    response.writeHead(204).end();
    return;
  }
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) }).end(text);
}
