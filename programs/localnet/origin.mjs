/** Which web pages may talk to the chain: none but those named. Programs send no Origin and are not asked. */

export class OriginRule {
  #allowed;

  /** @param {string[]} allowed origins, or '*' */
  constructor(allowed) {
    this.#allowed = new Set(allowed);
  }

  /** @param {string | undefined} origin */
  permits(origin) {
    return origin === undefined || this.#allowed.has('*') || this.#allowed.has(origin);
  }

  /** Adds the headers by which a browser lets an allowed page read the answer. */
  allow(request, response) {
    const { origin } = request.headers;
    if (origin !== undefined && this.permits(origin)) {
      response.setHeader('access-control-allow-origin', origin);
      response.setHeader('access-control-allow-headers', 'content-type, solana-client');
      response.setHeader('access-control-allow-methods', 'POST, GET, OPTIONS');
      response.setHeader('vary', 'origin');
    }
  }
}
