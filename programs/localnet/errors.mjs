/** An answer in JSON-RPC's error shape; `code` is one of Solana's. */
export class RpcError extends Error {
  /**
   * @param {number} code
   * @param {string} message
   * @param {unknown} [data]
   */
  constructor(code, message, data) {
    super(message);
    this.code = code;
    this.data = data;
  }

  toAnswer() {
    return { code: this.code, message: this.message, data: this.data };
  }
}

export const Code = Object.freeze({
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  preflightFailure: -32002,
  signatureVerificationFailure: -32003,
  blockNotAvailable: -32004,
  unsupportedTransactionVersion: -32015,
  minContextSlotNotReached: -32016,
});

/** @param {string} message */
export function invalidParams(message) {
  return new RpcError(Code.invalidParams, message);
}
