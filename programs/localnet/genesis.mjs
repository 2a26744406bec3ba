/** What a chain is born with: its genesis hash, the faucet's key, the slot of block 0. One file, written once. */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FORMAT } from './records.mjs';
import { writeFileAtomically } from './snapshot.mjs';

/**
 * @param {string} directory made when it is not there
 * @param {number} firstSlot
 */
export function openGenesis(directory, firstSlot) {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, 'genesis.json');
  if (!existsSync(file)) {
    const genesis = {
      format: FORMAT,
      faucetSeed: randomBytes(32).toString('base64'),
      baseSlot: firstSlot,
      createdAt: Math.floor(Date.now() / 1000),
    };
    writeFileAtomically(file, JSON.stringify(genesis));
  }
  const text = readFileSync(file);
  const { format, faucetSeed, baseSlot, createdAt } = JSON.parse(text);
  if (format !== FORMAT) {
    throw new Error(`${file} has format ${format}; this version reads format ${FORMAT}`);
  }
  return {
    hash: createHash('sha256').update(text).digest(),
    faucetSeed: Buffer.from(faucetSeed, 'base64'),
    baseSlot,
    createdAt,
  };
}
