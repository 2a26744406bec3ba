/** Counts and compute units of the executed transactions, for reports. */

const KEPT_SAMPLES = 501;
const KEPT_INSTRUCTIONS = 500;
const INVOKED = /^Program (\w+) invoke \[(\d+)\]$/;
const CONSUMED = /^Program \w+ consumed (\d+) of \d+ compute units$/;
const ENDED = /^Program \w+ (success$|failed: )/;
// Programs whose instructions are told apart by their first byte; Anchor's by eight.
const ONE_BYTE = new Set([
  'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA',
  'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb',
  'ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL',
  'AddressLookupTab1e1111111111111111111111111',
]);
// The memo's first bytes are text, no discriminator.
const NO_BYTES = new Set([
  'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr',
  'Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo',
]);

export class Stats {
  transactions = 0;
  failed = 0;
  #units = new Map();

  /**
   * @param {{program: string, data: Buffer}[]} instructions
   * @param {string[]} logs
   * @param {boolean} succeeded units of failed transactions say nothing about what an instruction costs
   */
  add(instructions, logs, succeeded) {
    this.transactions++;
    if (!succeeded) {
      this.failed++;
      return;
    }
    let index = -1;
    let depth = 0;
    for (const line of logs) {
      const invoked = INVOKED.exec(line);
      const consumed = depth === 1 ? CONSUMED.exec(line) : null;
      if (invoked !== null) {
        depth = Number(invoked[2]);
        // Precompiles stand among the instructions and log nothing.
        index = depth === 1 ? instructions.findIndex(({ program }, at) => at > index && program === invoked[1]) : index;
      } else if (consumed !== null && index >= 0) {
        this.#addSample(instructions[index].program, instructions[index].data, Number(consumed[1]));
      } else if (ENDED.test(line)) {
        depth--;
      }
    }
  }

  #addSample(program, data, units) {
    const bytes = NO_BYTES.has(program) ? 0 : ONE_BYTE.has(program) ? 1 : 8;
    const key = `${program}:${data.subarray(0, bytes).toString('hex')}`;
    let known = this.#units.get(key);
    if (known === undefined) {
      if (this.#units.size >= KEPT_INSTRUCTIONS) {
        return;
      }
      known = { count: 0, samples: [] };
      this.#units.set(key, known);
    }
    known.samples[known.count % KEPT_SAMPLES] = units;
    known.count++;
  }

  /** By program and instruction: how often, and the median of the last 501. */
  report() {
    const instructions = [...this.#units].map(([key, { count, samples }]) => {
      const [program, discriminator] = key.split(':');
      return { program, discriminator, count, medianComputeUnits: medianOf(samples) };
    });
    return { transactions: this.transactions, failed: this.failed, instructions };
  }

  toJson() {
    return { transactions: this.transactions, failed: this.failed, units: [...this.#units] };
  }

  restore({ transactions, failed, units }) {
    this.transactions = transactions;
    this.failed = failed;
    this.#units = new Map(units);
  }
}

function medianOf(samples) {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1];
}
