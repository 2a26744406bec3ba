/** JSON-RPC 2.0: from a request's text to the answer's text. */
import { toJson } from '../encoding.mjs';
import { Code, RpcError } from '../errors.mjs';
import { accounts } from './accounts.mjs';
import { cluster } from './cluster.mjs';
import { history } from './history.mjs';
import { privateMethods } from './private.mjs';
import { tokens } from './tokens.mjs';
import { transactions } from './transactions.mjs';

/** Characters after which the rest of a batch is not executed. */
const MAX_BATCH_ANSWER = 64 * 1024 * 1024;

export class Dispatcher {
  #chain;
  #methods;
  #maxBatch;
  #log;

  /**
   * @param {import('../chain.mjs').Chain} chain
   * @param {{maxBatch: number, log: (text: string) => void}} options
   */
  constructor(chain, { maxBatch, log }) {
    this.#chain = chain;
    this.#maxBatch = maxBatch;
    this.#log = log;
    const all = {
      ...cluster, ...accounts, ...tokens, ...transactions, ...history, ...privateMethods(chain.hasSimulatedClock),
    };
    this.#methods = new Map(Object.entries(all));
  }

  /**
   * The answer is final only once the chain is durable.
   * @param {string} text
   * @returns {string | null} null when there is nothing to answer (notifications only)
   */
  answer(text) {
    let request;
    try {
      request = JSON.parse(text);
    } catch {
      return toJson(failure(null, new RpcError(Code.parseError, 'Parse error')));
    }
    if (!Array.isArray(request)) {
      return this.#answerOne(request);
    }
    if (request.length === 0 || request.length > this.#maxBatch) {
      const message = request.length === 0 ? 'Invalid request' : `Batch too long: at most ${this.#maxBatch} requests`;
      return toJson(failure(null, new RpcError(Code.invalidRequest, message)));
    }
    return this.#answerBatch(request);
  }

  #answerBatch(requests) {
    const answers = [];
    let length = 0;
    for (const request of requests) {
      const answer =
        length > MAX_BATCH_ANSWER
          ? toJson(failure(idOf(request) ?? null, new RpcError(Code.invalidRequest, 'The answers before are too long')))
          : this.#answerOne(request);
      if (answer !== null) {
        length += answer.length;
        answers.push(answer);
      }
    }
    return answers.length === 0 ? null : `[${answers.join(',')}]`;
  }

  #answerOne(request) {
    const id = idOf(request);
    try {
      const result = this.#call(request);
      return id === undefined ? null : toJson({ jsonrpc: '2.0', result, id });
    } catch (error) {
      return id === undefined ? null : toJson(failure(id, this.#asRpcError(error, request)));
    }
  }

  #call(request) {
    checkRequest(request);
    const method = this.#methods.get(request.method);
    if (method === undefined) {
      throw new RpcError(Code.methodNotFound, 'Method not found');
    }
    this.#chain.advance();
    return method(this.#chain, request.params ?? []);
  }

  #asRpcError(error, request) {
    if (error instanceof RpcError) {
      return error;
    }
    this.#log(`${request.method}: ${error.stack}`);
    return new RpcError(Code.internalError, 'Internal error');
  }
}

/** @param {any} request @returns {string | number | null | undefined} undefined: a notification, not to be answered */
export function idOf(request) {
  if (request === null || typeof request !== 'object' || Array.isArray(request)) {
    return null;
  }
  const { id } = request;
  const isNotification = id === undefined && typeof request.method === 'string';
  return isNotification ? undefined : typeof id === 'string' || typeof id === 'number' ? id : null;
}

/** @param {any} request */
export function checkRequest(request) {
  const isRequest =
    request !== null &&
    typeof request === 'object' &&
    !Array.isArray(request) &&
    request.jsonrpc === '2.0' &&
    typeof request.method === 'string';
  if (!isRequest) {
    throw new RpcError(Code.invalidRequest, 'Invalid request');
  }
  if (request.params !== undefined && request.params !== null && !Array.isArray(request.params)) {
    throw new RpcError(Code.invalidParams, '`params` should be an array');
  }
}

export function failure(id, error) {
  return { jsonrpc: '2.0', error: error.toAnswer(), id };
}
