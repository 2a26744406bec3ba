/** A local chain with the three programs, and what a platform needs on it, by the stock clients alone. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import anchor from '@coral-xyz/anchor';
import { createMint, getAssociatedTokenAddressSync, getOrCreateAssociatedTokenAccount } from '@solana/spl-token';
import { Connection, Keypair, LAMPORTS_PER_SOL, PublicKey, SystemProgram } from '@solana/web3.js';
import { call, startServer } from '../../programs/localnet/test/support.mjs';

const { AnchorProvider, BN, Program, Wallet } = anchor;
const LOADER = new PublicKey('BPFLoaderUpgradeab1e11111111111111111111111');
const ADDRESSES = {
  registry: '2XPQmFYMdXjP7ffoBB3mXeCdboSFg5Yeb6QmTSGbW8a7',
  energy_token: '94G1r674LmRDmLN2UPjDFD8Eh7zT8JaSaxv9v68GyEur',
  trading: 'GZnqNTJsre6qB4pWCQRE9FiJU2GUeBtBDPp6s7zosctk',
};
const bin = new URL('../../programs/bin/', import.meta.url);
const folder = process.env.GRIDTOKENX_PROGRAMS ?? fileURLToPath(bin);

export const GRID_DECIMALS = 9;
export const systemProgram = SystemProgram.programId;

export function pda(program, ...seeds) {
  return PublicKey.findProgramAddressSync(seeds.map((seed) => Buffer.from(seed)), program.programId)[0];
}

export function number64(value) {
  return new BN(value).toArrayLike(Buffer, 'le', 8);
}

function idl(name) {
  return { ...JSON.parse(readFileSync(new URL(`idl/${name}.json`, bin), 'utf8')), address: ADDRESSES[name] };
}

/** Starts the chain; nothing is initialised yet. */
export async function startPlatform() {
  const admin = Keypair.generate();
  const programs = Object.entries(ADDRESSES)
    .flatMap(([name, address]) => ['--program', `${address}=${folder}/${name}.so`]);
  const server = await startServer({ args: [...programs, '--upgrade-authority', admin.publicKey.toBase58()] });
  const connection = new Connection(server.rpcUrl, { commitment: 'confirmed', wsEndpoint: server.wsUrl });
  const provider = new AnchorProvider(connection, new Wallet(admin), { commitment: 'confirmed' });
  const platform = {
    connection, provider, admin,
    registrar: Keypair.generate(), oracle: Keypair.generate(), matcher: Keypair.generate(),
    registry: new Program(idl('registry'), provider),
    energyToken: new Program(idl('energy_token'), provider),
    trading: new Program(idl('trading'), provider),
    async fund(...keypairs) {
      for (const { publicKey } of keypairs) {
        await call(server.rpcUrl, 'requestAirdrop', [publicKey.toBase58(), 100 * LAMPORTS_PER_SOL]);
      }
    },
    async stop() {
      connection._rpcWebSocket.close();
      await server.stop();
    },
  };
  await platform.fund(admin, platform.registrar, platform.oracle, platform.matcher);
  const grxMint = await createMint(connection, admin, admin.publicKey, null, 6);
  const fees = await getOrCreateAssociatedTokenAccount(connection, admin, grxMint, admin.publicKey);
  return { ...platform, grxMint, feeAccount: fees.address, ...addressesOf(platform, grxMint) };
}

function addressesOf({ registry, energyToken, trading }, grxMint) {
  const gridMint = pda(energyToken, 'mint');
  return {
    gridMint,
    registryAddress: pda(registry, 'registry'),
    tokenConfig: pda(energyToken, 'token_config'),
    market: pda(trading, 'market'),
    gridVault: pda(trading, 'escrow', gridMint.toBytes()),
    grxVault: pda(trading, 'escrow', grxMint.toBytes()),
    gridOf: (owner) => getAssociatedTokenAddressSync(gridMint, owner),
    grxOf: (owner) => getAssociatedTokenAddressSync(grxMint, owner),
    programData: (program) => PublicKey.findProgramAddressSync([program.programId.toBytes()], LOADER)[0],
  };
}
