// Makes the golden vectors of this folder with the reference clients (@solana/kit and the generated program clients;
// @solana/web3.js only for the Ed25519 instruction, which kit has no builder for). Deterministic: every random value
// is SHA-256 of a label, so running it again changes nothing.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import * as kit from '@solana/kit';
import * as system from '@solana-program/system';
import * as token from '@solana-program/token';
import * as memo from '@solana-program/memo';
import * as budget from '@solana-program/compute-budget';
import web3 from '@solana/web3.js';

const here = new URL('./', import.meta.url);
const bytes = (label) => new Uint8Array(createHash('sha256').update(label).digest());
const hex = (data) => Buffer.from(data).toString('hex');
const base58 = kit.getBase58Decoder();
const addressOf = (data) => kit.getAddressDecoder().decode(data);
const some = (label) => addressOf(bytes(label));
const number = (label, below) => Number(Buffer.from(bytes(label)).readBigUInt64LE() % BigInt(below));
const u64 = (label) => Buffer.from(bytes(label)).readBigUInt64LE();
const U64_MAX = 2n ** 64n - 1n;

function write(name, rows) {
  const text = JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? value.toString() : value));
  const lines = JSON.parse(text).map((row) => '  ' + JSON.stringify(row)).join(',\n');
  writeFileSync(new URL(name, here), `[\n${lines}\n]\n`);
  console.log(`${name}: ${rows.length}`);
}

const signers = new Map();
async function signer(label) {
  if (!signers.has(label)) {
    const keys = await kit.createKeyPairFromPrivateKeyBytes(bytes(`seed ${label}`), true);
    signers.set(label, await kit.createSignerFromKeyPair(keys));
  }
  return signers.get(label);
}

async function addresses() {
  const rows = [];
  const add = (data) => {
    const address = addressOf(data);
    rows.push({ bytes: hex(data), address, onCurve: !kit.isOffCurveAddress(address) });
  };
  add(new Uint8Array(32));
  add(new Uint8Array(32).fill(255));
  for (const y of [1, 2, 3, 4, 5, 0x7f]) {
    const low = new Uint8Array(32);
    low[0] = y;
    add(low);
  }
  for (let i = 0; i < 8; i++) {
    const nonCanonical = new Uint8Array(32).fill(255); // p + i, the encodings that a strict decoder refuses
    nonCanonical[0] = 0xed + i;
    nonCanonical[31] = 0x7f;
    add(nonCanonical);
  }
  for (let zeros = 1; zeros < 8; zeros++) {
    const leading = bytes(`leading zeros ${zeros}`);
    leading.fill(0, 0, zeros);
    add(leading);
  }
  for (let i = 0; i < 1000; i++) {
    add(bytes(`address ${i}`));
  }
  write('addresses.json', rows);
}

async function keys() {
  const rows = [];
  for (let i = 0; i < 40; i++) {
    const label = `key ${i}`;
    const { keyPair, address } = await signer(label);
    const message = i === 0 ? new Uint8Array() : bytes(`message ${i}`).slice(0, 1 + (i % 32));
    const signature = await kit.signBytes(keyPair.privateKey, message);
    rows.push({
      seed: hex(bytes(`seed ${label}`)), address, message: hex(message), signature: base58.decode(signature),
    });
  }
  write('keys.json', rows);
}

async function pdas() {
  const rows = [];
  for (let i = 0; i < 200; i++) {
    const programAddress = some(`pda program ${i % 7}`);
    const count = i % 16;
    const seeds = Array.from({ length: count }, (_, k) =>
      bytes(`pda ${i} seed ${k}`).slice(0, i % 5 === 0 ? 32 : number(`pda ${i} length ${k}`, 33)));
    const [address, bump] = await kit.getProgramDerivedAddress({ programAddress, seeds });
    rows.push({ program: programAddress, seeds: seeds.map(hex), address, bump });
  }
  write('pdas.json', rows);
}

async function associatedTokenAddresses() {
  const rows = [];
  for (let i = 0; i < 50; i++) {
    const owner = some(`owner ${i}`);
    const mint = some(`mint ${i % 5}`);
    const [address, bump] = await token.findAssociatedTokenPda({
      owner, mint, tokenProgram: token.TOKEN_PROGRAM_ADDRESS,
    });
    rows.push({ owner, mint, address, bump });
  }
  write('associated-token-addresses.json', rows);
}

const describe = (instruction) => ({
  program: instruction.programAddress,
  accounts: (instruction.accounts ?? []).map(({ address, role }) => ({ address, role })),
  data: hex(instruction.data ?? []),
});

async function instructions() {
  const [payer, fresh, owner] = [await signer('payer'), await signer('fresh'), await signer('owner')];
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((label) => some(`account ${label}`));
  const rows = [];
  const add = (name, args, instruction) => rows.push({ name, args, ...describe(instruction) });
  const amounts = [0n, 1n, 1_000_000_007n, u64('amount'), U64_MAX];

  for (const lamports of amounts) {
    const space = u64(`space ${lamports}`) % 10_000_000n;
    add('System.CreateAccount', { payer: payer.address, account: fresh.address, lamports, space, owner: a },
      system.getCreateAccountInstruction({ payer, newAccount: fresh, lamports, space, programAddress: a }));
    add('System.Transfer', { source: payer.address, destination: b, lamports },
      system.getTransferSolInstruction({ source: payer, destination: b, amount: lamports }));
    add('System.Allocate', { account: fresh.address, space: lamports },
      system.getAllocateInstruction({ newAccount: fresh, space: lamports }));
  }
  add('System.Assign', { account: fresh.address, owner: c },
    system.getAssignInstruction({ account: fresh, programAddress: c }));

  for (const freeze of [null, d]) {
    add('Token.InitializeMint2', { mint: a, decimals: 9, mintAuthority: b, freezeAuthority: freeze },
      token.getInitializeMint2Instruction({ mint: a, decimals: 9, mintAuthority: b, freezeAuthority: freeze }));
  }
  add('Token.InitializeAccount3', { account: a, mint: b, owner: c },
    token.getInitializeAccount3Instruction({ account: a, mint: b, owner: c }));
  for (const amount of amounts) {
    const decimals = number(`decimals ${amount}`, 19);
    add('Token.Transfer', { source: a, destination: b, authority: owner.address, amount },
      token.getTransferInstruction({ source: a, destination: b, authority: owner, amount }));
    add('Token.TransferChecked', { source: a, mint: c, destination: b, authority: owner.address, amount, decimals },
      token.getTransferCheckedInstruction({ source: a, mint: c, destination: b, authority: owner, amount, decimals }));
    add('Token.MintTo', { mint: a, account: b, authority: owner.address, amount },
      token.getMintToInstruction({ mint: a, token: b, mintAuthority: owner, amount }));
    add('Token.MintToChecked', { mint: a, account: b, authority: owner.address, amount, decimals },
      token.getMintToCheckedInstruction({ mint: a, token: b, mintAuthority: owner, amount, decimals }));
    add('Token.Burn', { account: a, mint: b, authority: owner.address, amount },
      token.getBurnInstruction({ account: a, mint: b, authority: owner, amount }));
    add('Token.BurnChecked', { account: a, mint: b, authority: owner.address, amount, decimals },
      token.getBurnCheckedInstruction({ account: a, mint: b, authority: owner, amount, decimals }));
    add('Token.Approve', { source: a, delegate: b, owner: owner.address, amount },
      token.getApproveInstruction({ source: a, delegate: b, owner, amount }));
    add('Token.ApproveChecked', { source: a, mint: c, delegate: b, owner: owner.address, amount, decimals },
      token.getApproveCheckedInstruction({ source: a, mint: c, delegate: b, owner, amount, decimals }));
  }
  add('Token.Revoke', { source: a, owner: owner.address }, token.getRevokeInstruction({ source: a, owner }));
  add('Token.CloseAccount', { account: a, destination: b, owner: owner.address },
    token.getCloseAccountInstruction({ account: a, destination: b, owner }));
  for (const type of ['MintTokens', 'FreezeAccount', 'AccountOwner', 'CloseAccount']) {
    for (const newAuthority of [null, c]) {
      add('Token.SetAuthority', { account: a, authority: owner.address, type, newAuthority },
        token.getSetAuthorityInstruction({
          owned: a, owner, authorityType: token.AuthorityType[type], newAuthority,
        }));
    }
  }

  const [ata] = await token.findAssociatedTokenPda({ owner: a, mint: b, tokenProgram: token.TOKEN_PROGRAM_ADDRESS });
  add('AssociatedToken.Create', { payer: payer.address, owner: a, mint: b },
    token.getCreateAssociatedTokenInstruction({ payer, ata, owner: a, mint: b }));
  add('AssociatedToken.CreateIdempotent', { payer: payer.address, owner: a, mint: b },
    token.getCreateAssociatedTokenIdempotentInstruction({ payer, ata, owner: a, mint: b }));

  for (const text of ['', 'settlement 42', 'ไฟฟ้าแลกกัน ⚡']) {
    for (const by of [[], [payer, owner]]) {
      add('Memo.AddMemo', { text, signers: by.map(({ address }) => address) },
        memo.getAddMemoInstruction({ memo: text, signers: by },
          { programAddress: memo.LEGACY_MEMO_PROGRAM_ADDRESS_V3 }));
    }
  }

  add('ComputeBudget.SetComputeUnitLimit', { units: 1_400_000 },
    budget.getSetComputeUnitLimitInstruction({ units: 1_400_000 }));
  add('ComputeBudget.SetComputeUnitPrice', { microLamports: U64_MAX },
    budget.getSetComputeUnitPriceInstruction({ microLamports: U64_MAX }));
  add('ComputeBudget.RequestHeapFrame', { bytes: 262_144 },
    budget.getRequestHeapFrameInstruction({ bytes: 262_144 }));
  add('ComputeBudget.SetLoadedAccountsDataSizeLimit', { bytes: 65_536 },
    budget.getSetLoadedAccountsDataSizeLimitInstruction({ accountDataSizeLimit: 65_536 }));

  for (const length of [0, 1, 88, 300]) {
    const message = Uint8Array.from({ length }, (_, i) => (i * 7) & 255);
    const signature = await kit.signBytes(owner.keyPair.privateKey, message);
    const built = web3.Ed25519Program.createInstructionWithPublicKey({
      publicKey: kit.getAddressEncoder().encode(owner.address), message, signature,
    });
    add('Ed25519.Verify', { key: owner.address, message: hex(message), signature: base58.decode(signature) },
      { programAddress: built.programId.toBase58(), accounts: [], data: built.data });
  }
  write('instructions.json', rows);
}

async function accounts() {
  const rows = [];
  for (let i = 0; i < 8; i++) {
    const mint = {
      mintAuthority: i & 1 ? some(`mint authority ${i}`) : null, supply: u64(`supply ${i}`), decimals: i * 2,
      isInitialized: (i & 2) === 0, freezeAuthority: i & 4 ? some(`freeze ${i}`) : null,
    };
    rows.push({ kind: 'mint', ...mint, data: hex(token.getMintEncoder().encode(mint)) });
  }
  for (let i = 0; i < 16; i++) {
    const account = {
      mint: some(`mint ${i}`), owner: some(`owner ${i}`), amount: i === 0 ? U64_MAX : u64(`token amount ${i}`),
      delegate: i & 1 ? some(`delegate ${i}`) : null, state: i % 3, isNative: i & 2 ? u64(`rent ${i}`) : null,
      delegatedAmount: u64(`delegated ${i}`), closeAuthority: i & 4 ? some(`close ${i}`) : null,
    };
    rows.push({ kind: 'token', ...account, data: hex(token.getTokenEncoder().encode(account)) });
  }
  write('token-accounts.json', rows);
}

/** A transaction of arbitrary instructions over a small pool of accounts, so that roles of one account meet. */
async function mixedTransaction(i) {
  const pool = Array.from({ length: 12 }, (_, k) => some(`pool ${i} ${k}`));
  const cosigners = await Promise.all(
    Array.from({ length: number(`signers ${i}`, 5) }, (_, k) => signer(`co ${i} ${k}`)));
  const programs = Array.from({ length: 3 }, (_, k) => some(`program ${i} ${k}`));
  const steps = Array.from({ length: number(`instructions ${i}`, 5) }, (_, n) => {
    const step = (what, below) => number(`${what} ${i} ${n}`, below);
    const metas = Array.from({ length: step('accounts', 9) }, (_, k) => {
      const pick = step(`pick ${k}`, pool.length + cosigners.length);
      const writable = step(`writable ${k}`, 2);
      return pick < pool.length
        ? { address: pool[pick], role: writable }
        : { address: cosigners[pick - pool.length].address, role: step(`signs ${k}`, 2) * 2 + writable };
    });
    const data = Uint8Array.from({ length: step('data', 40) + (n === 3 ? 128 : 0) }, (_, k) => (k * 31 + i) & 255);
    return { programAddress: programs[step('program', 3)], accounts: metas, data };
  });
  return { steps, cosigners, pool };
}

function lookupTables(i, pool) {
  if (i % 3 !== 0) {
    return {};
  }
  const filler = (k) => some(`filler ${i} ${k}`);
  const tables = { [some(`table ${i} 0`)]: [filler(0), pool[0], pool[3], filler(1), pool[5], pool[7]] };
  if (i % 2 === 0) {
    tables[some(`table ${i} 1`)] = [pool[7], pool[1], filler(2), pool[2], pool[9]];
  }
  return tables;
}

async function transactions() {
  const rows = [];
  for (let i = 0; i < 150; i++) {
    const payerLabel = `fee payer ${i % 11}`;
    const payer = await signer(payerLabel);
    const { steps, cosigners, pool } = await mixedTransaction(i);
    for (const version of ['legacy', 0]) {
      const tables = version === 0 ? lookupTables(i, pool) : {};
      const blockhash = base58.decode(bytes(`blockhash ${i}`));
      let message = kit.createTransactionMessage({ version });
      message = kit.setTransactionMessageFeePayer(payer.address, message);
      message = kit.setTransactionMessageLifetimeUsingBlockhash({ blockhash, lastValidBlockHeight: 0n }, message);
      message = kit.appendTransactionMessageInstructions(steps, message);
      if (version === 0) {
        message = kit.compressTransactionMessageUsingAddressLookupTables(message, tables);
      }
      const compiled = kit.compileTransaction(message);
      const labels = [payerLabel, ...cosigners.map((_, k) => `co ${i} ${k}`)];
      const needed = (await Promise.all(labels.map(async (label) => ({ label, ...(await signer(label)) }))))
        .filter(({ address }) => address in compiled.signatures);
      const signed = await kit.signTransaction(needed.map(({ keyPair }) => keyPair), compiled);
      rows.push({
        version: String(version), feePayer: payer.address, blockhash, instructions: steps.map(describe),
        tables: Object.entries(tables).map(([address, entries]) => ({ address, entries })),
        seeds: needed.map(({ label }) => hex(bytes(`seed ${label}`))),
        message: hex(compiled.messageBytes), signature: kit.getSignatureFromTransaction(signed),
        wire: kit.getBase64EncodedWireTransaction(signed),
      });
    }
  }
  write('transactions.json', rows);
}

await addresses();
await keys();
await pdas();
await associatedTokenAddresses();
await instructions();
await accounts();
await transactions();

const digest = createHash('sha256');
for (const name of ['addresses', 'keys', 'pdas', 'associated-token-addresses', 'instructions', 'token-accounts',
  'transactions']) {
  digest.update(readFileSync(new URL(`${name}.json`, here)));
}
console.log(`all together: ${digest.digest('hex')}`);
