/** The account that airdrops come from: an ordinary wallet, so an airdrop is an ordinary transfer. */
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';

export const FAUCET_LAMPORTS = 500_000_000n * 1_000_000_000n;
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SYSTEM_PROGRAM = Buffer.alloc(32);
const TRANSFER = 2;

export class Faucet {
  #privateKey;

  /** @param {Buffer} seed 32 bytes */
  constructor(seed) {
    this.#privateKey = createPrivateKey({
      key: Buffer.concat([PKCS8_ED25519, seed]),
      format: 'der',
      type: 'pkcs8',
    });
    this.address = createPublicKey(this.#privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);
  }

  /** @returns {Buffer} a signed legacy transaction's wire bytes */
  transfer(to, lamports, blockhash) {
    const data = Buffer.alloc(12);
    data.writeUInt32LE(TRANSFER, 0);
    data.writeBigUInt64LE(lamports, 4);
    const message = Buffer.concat([
      Buffer.from([1, 0, 1, 3]), // one signer, none read-only, one other read-only; three keys
      this.address,
      to,
      SYSTEM_PROGRAM,
      blockhash,
      Buffer.from([1, 2, 2, 0, 1, data.length]), // one instruction: program 2, accounts 0 and 1
      data,
    ]);
    return Buffer.concat([Buffer.from([1]), sign(null, message, this.#privateKey), message]);
  }
}
