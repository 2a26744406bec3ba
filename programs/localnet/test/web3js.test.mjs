/** The stock @solana/web3.js (1.x) and @solana/spl-token clients, unmodified, against a running chain. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { after, before, test } from 'node:test';
import {
  AddressLookupTableProgram, ComputeBudgetProgram, Connection, Ed25519Program, Keypair, LAMPORTS_PER_SOL,
  sendAndConfirmTransaction, SendTransactionError, SystemProgram, Transaction, TransactionInstruction,
  TransactionMessage, VersionedTransaction, PublicKey,
} from '@solana/web3.js';
import {
  approve, createMint, getAccount, getMint, getOrCreateAssociatedTokenAccount, mintTo, NATIVE_MINT,
  TOKEN_2022_PROGRAM_ID, TOKEN_PROGRAM_ID, transfer,
} from '@solana/spl-token';
import { startServer } from './support.mjs';

const MEMO = new PublicKey('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr');
let server, connection, payer;

before(async () => {
  server = await startServer();
  connection = new Connection(server.rpcUrl, { commitment: 'confirmed', wsEndpoint: server.wsUrl });
  payer = await wallet(100);
});

after(async () => {
  // This client has no public way to be ended, and would try to reconnect for ever.
  connection._rpcWebSocket.close();
  await server.stop();
});

async function wallet(sol) {
  const keypair = Keypair.generate();
  const signature = await connection.requestAirdrop(keypair.publicKey, sol * LAMPORTS_PER_SOL);
  await connection.confirmTransaction({ signature, ...(await connection.getLatestBlockhash()) });
  return keypair;
}

function transferTo(to, lamports, from = payer) {
  return SystemProgram.transfer({ fromPubkey: from.publicKey, toPubkey: to, lamports });
}

function execute(...instructions) {
  return sendAndConfirmTransaction(connection, new Transaction().add(...instructions), [payer]);
}

test('A transfer is sent and confirmed over the WebSocket', async () => {
  const to = Keypair.generate().publicKey;
  const signature = await execute(transferTo(to, LAMPORTS_PER_SOL));
  assert.equal(await connection.getBalance(to), LAMPORTS_PER_SOL);
  const found = await connection.getTransaction(signature, { maxSupportedTransactionVersion: 0 });
  assert.equal(found.meta.err, null);
  assert.equal(found.version, 'legacy');
  assert.equal(found.blockTime, await connection.getBlockTime(found.slot));
});

test('A mint is made, tokens are minted, delegated and transferred', async () => {
  const other = await wallet(1);
  const mint = await createMint(connection, payer, payer.publicKey, null, 9);
  const source = await getOrCreateAssociatedTokenAccount(connection, payer, mint, payer.publicKey);
  const destination = await getOrCreateAssociatedTokenAccount(connection, payer, mint, other.publicKey);
  await mintTo(connection, payer, mint, source.address, payer, 7_000_000_000n);
  await transfer(connection, payer, source.address, destination.address, payer, 2_500_000_000n);
  await approve(connection, other, destination.address, payer.publicKey, other, 2n ** 64n - 1n);
  await transfer(connection, payer, destination.address, source.address, payer, 500_000_000n);

  assert.equal((await getMint(connection, mint)).supply, 7_000_000_000n);
  const received = await getAccount(connection, destination.address);
  assert.equal(received.amount, 2_000_000_000n);
  assert.equal(received.delegate.toBase58(), payer.publicKey.toBase58());
  assert.equal((await connection.getTokenAccountBalance(destination.address)).value.uiAmountString, '2');
  assert.equal((await connection.getTokenSupply(mint)).value.amount, '7000000000');
  const parsed = await connection.getParsedAccountInfo(destination.address);
  assert.equal(parsed.value.data.parsed.info.delegatedAmount.amount, String(2n ** 64n - 1n - 500_000_000n));
  const owned = await connection.getParsedTokenAccountsByOwner(other.publicKey, { programId: TOKEN_PROGRAM_ID });
  assert.equal(owned.value.length, 1);
  assert.equal((await connection.getTokenLargestAccounts(mint)).value[0].amount, '5000000000');
});

test('The Token-2022 program and the native mint are there', async () => {
  const mint = await createMint(
    connection, payer, payer.publicKey, null, 2, undefined, undefined, TOKEN_2022_PROGRAM_ID,
  );
  const account = await getOrCreateAssociatedTokenAccount(
    connection, payer, mint, payer.publicKey, false, undefined, undefined, TOKEN_2022_PROGRAM_ID,
  );
  await mintTo(connection, payer, mint, account.address, payer, 42n, [], undefined, TOKEN_2022_PROGRAM_ID);
  assert.equal((await connection.getTokenAccountBalance(account.address)).value.uiAmountString, '0.42');
  assert.equal((await getMint(connection, NATIVE_MINT)).decimals, 9);
});

test('A failing transaction throws SendTransactionError with its logs', async () => {
  const poor = await wallet(1);
  const transaction = new Transaction().add(transferTo(payer.publicKey, 5 * LAMPORTS_PER_SOL, poor));
  await assert.rejects(
    () => sendAndConfirmTransaction(connection, transaction, [poor]),
    (error) => {
      assert.ok(error instanceof SendTransactionError);
      assert.match(error.message, /simulation failed: Error processing Instruction 0: custom program error: 0x1/);
      assert.ok(error.logs.some((line) => line.includes('insufficient lamports')));
      return true;
    },
  );
});

test('A transaction that fails on chain is confirmed with its error', async () => {
  const poor = await wallet(1);
  const transaction = new Transaction().add(transferTo(payer.publicKey, 5 * LAMPORTS_PER_SOL, poor));
  const lifetime = await connection.getLatestBlockhash();
  transaction.feePayer = poor.publicKey;
  transaction.recentBlockhash = lifetime.blockhash;
  const signature = await connection.sendTransaction(transaction, [poor], { skipPreflight: true });
  const { value } = await connection.confirmTransaction({ signature, ...lifetime });
  assert.deepEqual(value.err, { InstructionError: [0, { Custom: 1 }] });
});

test('Account, logs, program and slot subscriptions tell what happens', async () => {
  const events = new EventEmitter();
  const to = Keypair.generate().publicKey;
  const subscribed = [
    connection.onAccountChange(to, (account, { slot }) => events.emit('account', account, slot)),
    connection.onLogs(to, (logs) => events.emit('logs', logs)),
    connection.onProgramAccountChange(SystemProgram.programId, ({ accountId }) => {
      events.emit(accountId.toBase58());
    }),
    connection.onSlotChange((slot) => events.emit('slot', slot)),
  ];
  // Nothing is told of what happened before the subscription was made: wait for its first news.
  await once(events, 'slot');
  const waiting = ['account', 'logs', to.toBase58(), 'slot'].map((name) => once(events, name));
  const signature = await execute(transferTo(to, LAMPORTS_PER_SOL));
  const [[account], [logs], , [slot]] = await Promise.all(waiting);
  assert.equal(account.lamports, LAMPORTS_PER_SOL);
  assert.equal(logs.signature, signature);
  assert.equal(slot.slot, slot.parent + 1);
  await connection.removeAccountChangeListener(subscribed[0]);
  await connection.removeOnLogsListener(subscribed[1]);
  await connection.removeProgramAccountChangeListener(subscribed[2]);
  await connection.removeSlotChangeListener(subscribed[3]);
});

test('A memo is executed and shown with the signature', async () => {
  const to = Keypair.generate().publicKey;
  const memo = new TransactionInstruction({ programId: MEMO, keys: [], data: Buffer.from('settlement 42') });
  await execute(transferTo(to, LAMPORTS_PER_SOL), memo);
  const [{ memo: shown }] = await connection.getSignaturesForAddress(to);
  assert.equal(shown, '[13] settlement 42');
});

test('The Ed25519 precompile accepts a good signature and refuses a bad one', async () => {
  const privateKey = Keypair.generate().secretKey;
  const message = Buffer.from('GTX/reading/v1');
  await execute(Ed25519Program.createInstructionWithPrivateKey({ privateKey, message }));
  const bad = Ed25519Program.createInstructionWithPrivateKey({ privateKey, message });
  bad.data[bad.data.length - 1] ^= 1;
  await assert.rejects(() => execute(bad), SendTransactionError);
});

test('A compute price is charged, and the fee is known before', async () => {
  const instructions = [
    ComputeBudgetProgram.setComputeUnitLimit({ units: 10_000 }),
    ComputeBudgetProgram.setComputeUnitPrice({ microLamports: 1_000_001 }),
    transferTo(Keypair.generate().publicKey, LAMPORTS_PER_SOL),
  ];
  const { blockhash } = await connection.getLatestBlockhash();
  const message = new TransactionMessage({ payerKey: payer.publicKey, recentBlockhash: blockhash, instructions });
  const { value: fee } = await connection.getFeeForMessage(message.compileToV0Message());
  assert.equal(fee, 15_001);
  const found = await connection.getTransaction(await execute(...instructions), { maxSupportedTransactionVersion: 0 });
  assert.equal(found.meta.fee, fee);
});

test('A version 0 transaction takes addresses from a lookup table', async () => {
  const to = Keypair.generate().publicKey;
  const slot = await connection.getSlot();
  await slotAfter(slot);
  const [create, table] = AddressLookupTableProgram.createLookupTable({
    authority: payer.publicKey, payer: payer.publicKey, recentSlot: slot,
  });
  const extend = AddressLookupTableProgram.extendLookupTable({
    lookupTable: table, authority: payer.publicKey, payer: payer.publicKey, addresses: [to],
  });
  await execute(create, extend);
  await slotAfter(await connection.getSlot());
  const { value: lookup } = await connection.getAddressLookupTable(table);
  const { blockhash, lastValidBlockHeight } = await connection.getLatestBlockhash();
  const message = new TransactionMessage({
    payerKey: payer.publicKey, recentBlockhash: blockhash, instructions: [transferTo(to, LAMPORTS_PER_SOL)],
  }).compileToV0Message([lookup]);
  const transaction = new VersionedTransaction(message);
  transaction.sign([payer]);
  const signature = await connection.sendTransaction(transaction);
  await connection.confirmTransaction({ signature, blockhash, lastValidBlockHeight });
  const { meta } = await connection.getTransaction(signature, { maxSupportedTransactionVersion: 0 });
  assert.deepEqual(meta.loadedAddresses.writable.map(String), [to.toBase58()]);
  const gained = meta.postBalances.map((lamports, index) => lamports - meta.preBalances[index]);
  assert.deepEqual(gained.filter((lamports) => lamports > 0), [LAMPORTS_PER_SOL]);
  assert.equal(await connection.getBalance(to), LAMPORTS_PER_SOL);
  assert.equal((await connection.getSignaturesForAddress(to))[0].signature, signature);
});

async function slotAfter(slot) {
  const events = new EventEmitter();
  const id = connection.onSlotChange((change) => change.slot > slot && events.emit('later'));
  await once(events, 'later');
  await connection.removeSlotChangeListener(id);
}

test('A simulation reports units and logs', async () => {
  const transaction = new Transaction().add(transferTo(payer.publicKey, 1));
  const { value } = await connection.simulateTransaction(transaction, [payer]);
  assert.equal(value.err, null);
  assert.equal(value.unitsConsumed, 150);
});

test('The stock questions about the cluster have answers', async () => {
  assert.match((await connection.getVersion())['solana-core'], /^\d+\.\d+\.\d+$/);
  assert.equal((await connection.getGenesisHash()).length >= 43, true);
  const epoch = await connection.getEpochInfo();
  assert.ok(epoch.slotIndex < epoch.slotsInEpoch);
  assert.ok((await connection.getBlockHeight()) <= epoch.blockHeight + 1_000);
  assert.equal((await connection.getRecentPrioritizationFees()).length, 1);
  const { blockhash } = await connection.getLatestBlockhash();
  assert.equal((await connection.isBlockhashValid(blockhash)).value, true);
  assert.equal(await connection.getMinimumBalanceForRentExemption(165), 2_039_280);
});
