/** The stock @solana/kit client, unmodified, against a running chain. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  airdropFactory, appendTransactionMessageInstructions, createSolanaRpc, createSolanaRpcSubscriptions,
  createTransactionMessage, generateKeyPairSigner, getBase64EncodedWireTransaction, getSignatureFromTransaction,
  isSolanaError, lamports, pipe, sendAndConfirmTransactionFactory, setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash, signTransactionMessageWithSigners, compileTransactionMessage,
  getCompiledTransactionMessageEncoder, getBase64Decoder,
  SOLANA_ERROR__INSTRUCTION_ERROR__CUSTOM, SOLANA_ERROR__JSON_RPC__INVALID_PARAMS,
  SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE,
  SOLANA_ERROR__JSON_RPC__SERVER_ERROR_TRANSACTION_SIGNATURE_VERIFICATION_FAILURE,
  SOLANA_ERROR__JSON_RPC__SERVER_ERROR_UNSUPPORTED_TRANSACTION_VERSION,
} from '@solana/kit';
import { getCreateAccountInstruction, getTransferSolInstruction } from '@solana-program/system';
import {
  fetchMint, fetchToken, findAssociatedTokenPda, getCreateAssociatedTokenIdempotentInstruction,
  getInitializeMint2Instruction, getMintToInstruction, getTransferCheckedInstruction, TOKEN_PROGRAM_ADDRESS,
} from '@solana-program/token';
import { startServer } from './support.mjs';

const SOL = 1_000_000_000n;
let server, rpc, subscriptions, sendAndConfirm, airdrop, payer;

before(async () => {
  server = await startServer();
  rpc = createSolanaRpc(server.rpcUrl);
  subscriptions = createSolanaRpcSubscriptions(server.wsUrl);
  sendAndConfirm = sendAndConfirmTransactionFactory({ rpc, rpcSubscriptions: subscriptions });
  airdrop = airdropFactory({ rpc, rpcSubscriptions: subscriptions });
  payer = await wallet(100n);
});

after(() => server.stop());

async function wallet(sol) {
  const signer = await generateKeyPairSigner();
  await airdrop({ recipientAddress: signer.address, lamports: lamports(sol * SOL), commitment: 'confirmed' });
  return signer;
}

async function messageOf(instructions, feePayer = payer, version = 0) {
  const { value: blockhash } = await rpc.getLatestBlockhash().send();
  return pipe(
    createTransactionMessage({ version }),
    (message) => setTransactionMessageFeePayerSigner(feePayer, message),
    (message) => setTransactionMessageLifetimeUsingBlockhash(blockhash, message),
    (message) => appendTransactionMessageInstructions(instructions, message),
  );
}

async function signed(instructions, feePayer, version) {
  return signTransactionMessageWithSigners(await messageOf(instructions, feePayer, version));
}

async function execute(instructions, feePayer) {
  const transaction = await signed(instructions, feePayer);
  await sendAndConfirm(transaction, { commitment: 'confirmed' });
  return getSignatureFromTransaction(transaction);
}

function transfer(source, destination, amount) {
  return getTransferSolInstruction({ source, destination, amount: lamports(amount) });
}

async function createMint(decimals = 6) {
  const mint = await generateKeyPairSigner();
  const rent = await rpc.getMinimumBalanceForRentExemption(82n).send();
  await execute([
    getCreateAccountInstruction({
      payer, newAccount: mint, lamports: rent, space: 82n, programAddress: TOKEN_PROGRAM_ADDRESS,
    }),
    getInitializeMint2Instruction({ mint: mint.address, decimals, mintAuthority: payer.address }),
  ]);
  return mint.address;
}

async function createTokenAccount(mint, owner) {
  const [ata] = await findAssociatedTokenPda({ mint, owner, tokenProgram: TOKEN_PROGRAM_ADDRESS });
  await execute([getCreateAssociatedTokenIdempotentInstruction({ payer, ata, owner, mint })]);
  return ata;
}

test('An airdrop arrives and is confirmed', async () => {
  const signer = await wallet(3n);
  const { value } = await rpc.getBalance(signer.address).send();
  assert.equal(value, 3n * SOL);
});

test('A transfer moves lamports and charges the fee that getFeeForMessage named', async () => {
  const [from, to] = [await wallet(2n), await generateKeyPairSigner()];
  const message = await messageOf([transfer(from, to.address, SOL)], from);
  const bytes = getCompiledTransactionMessageEncoder().encode(compileTransactionMessage(message));
  const encoded = getBase64Decoder().decode(bytes);
  const { value: fee } = await rpc.getFeeForMessage(encoded).send();
  await sendAndConfirm(await signTransactionMessageWithSigners(message), { commitment: 'confirmed' });
  assert.equal((await rpc.getBalance(to.address).send()).value, SOL);
  assert.equal((await rpc.getBalance(from.address).send()).value, SOL - fee);
});

test('A mint, a mint-to and a token transfer end in the right token balances', async () => {
  const mint = await createMint(6);
  const other = await generateKeyPairSigner();
  const source = await createTokenAccount(mint, payer.address);
  const destination = await createTokenAccount(mint, other.address);
  await execute([getMintToInstruction({ mint, token: source, mintAuthority: payer, amount: 5_000_000n })]);
  const signature = await execute([
    getTransferCheckedInstruction({ source, mint, destination, authority: payer, amount: 1_250_000n, decimals: 6 }),
  ]);

  assert.equal((await fetchMint(rpc, mint)).data.supply, 5_000_000n);
  assert.equal((await fetchToken(rpc, destination)).data.amount, 1_250_000n);
  const { value: balance } = await rpc.getTokenAccountBalance(destination).send();
  assert.deepEqual({ ...balance }, { amount: '1250000', decimals: 6, uiAmount: 1.25, uiAmountString: '1.25' });
  assert.equal((await rpc.getTokenSupply(mint).send()).value.amount, '5000000');

  const { meta } = await rpc.getTransaction(signature, { maxSupportedTransactionVersion: 0, encoding: 'json' }).send();
  const amounts = (balances) => balances.map(({ uiTokenAmount }) => uiTokenAmount.amount).sort();
  assert.deepEqual(amounts(meta.preTokenBalances), ['0', '5000000']);
  assert.deepEqual(amounts(meta.postTokenBalances), ['1250000', '3750000']);
});

test('Token accounts of an owner are found by mint and by program, parsed', async () => {
  const mint = await createMint(9);
  const owner = await generateKeyPairSigner();
  const account = await createTokenAccount(mint, owner.address);
  await execute([getMintToInstruction({ mint, token: account, mintAuthority: payer, amount: 1_500_000_000n })]);
  const byMint = await rpc.getTokenAccountsByOwner(owner.address, { mint }, { encoding: 'jsonParsed' }).send();
  const byProgram = await rpc
    .getTokenAccountsByOwner(owner.address, { programId: TOKEN_PROGRAM_ADDRESS }, { encoding: 'jsonParsed' })
    .send();
  assert.deepEqual(byMint.value, byProgram.value);
  const [{ pubkey, account: found }] = byMint.value;
  assert.equal(pubkey, account);
  assert.equal(found.data.parsed.type, 'account');
  assert.equal(found.data.parsed.info.owner, owner.address);
  assert.equal(found.data.parsed.info.tokenAmount.uiAmountString, '1.5');
});

test('A transaction is found again with the shape of a real node', async () => {
  const to = await generateKeyPairSigner();
  const signature = await execute([transfer(payer, to.address, SOL)]);
  const { value: [status] } = await rpc.getSignatureStatuses([signature]).send();
  assert.equal(status.confirmationStatus, 'finalized');
  assert.equal(status.err, null);
  const found = await rpc.getTransaction(signature, { maxSupportedTransactionVersion: 0, encoding: 'json' }).send();
  assert.equal(found.slot, status.slot);
  assert.equal(found.version, 0);
  assert.equal(found.transaction.signatures[0], signature);
  assert.deepEqual(found.transaction.message.accountKeys.slice(0, 2), [payer.address, to.address]);
  assert.equal(found.meta.fee, 5000n);
  assert.equal(found.meta.postBalances[1] - found.meta.preBalances[1], SOL);
  assert.equal(found.meta.preBalances[0] - found.meta.postBalances[0], SOL + 5000n);
  assert.ok(found.meta.logMessages.includes('Program 11111111111111111111111111111111 success'));
  assert.equal(found.meta.computeUnitsConsumed, 150n);
  const raw = await rpc.getTransaction(signature, { maxSupportedTransactionVersion: 0, encoding: 'base64' }).send();
  assert.equal(raw.transaction[1], 'base64');
});

test('A version 0 transaction is refused to a client that does not know versions', async () => {
  const signature = await execute([transfer(payer, payer.address, 1n)]);
  await assert.rejects(
    () => rpc.getTransaction(signature, { encoding: 'json' }).send(),
    (error) => isSolanaError(error, SOLANA_ERROR__JSON_RPC__SERVER_ERROR_UNSUPPORTED_TRANSACTION_VERSION),
  );
});

test('An inner instruction is shown with its depth', async () => {
  const mint = await createMint();
  const owner = await generateKeyPairSigner();
  const ata = await createTokenAccount(mint, owner.address);
  const [{ signature }] = await rpc.getSignaturesForAddress(ata, { limit: 1 }).send();
  const { meta } = await rpc.getTransaction(signature, { maxSupportedTransactionVersion: 0, encoding: 'json' }).send();
  assert.equal(meta.innerInstructions[0].index, 0);
  assert.ok(meta.innerInstructions[0].instructions.every(({ stackHeight }) => stackHeight === 2));
});

test('A failing transaction is refused with its instruction error and logs, and costs nothing', async () => {
  const poor = await wallet(1n);
  const transaction = await signed([transfer(poor, payer.address, 50n * SOL)], poor);
  await assert.rejects(
    () => sendAndConfirm(transaction, { commitment: 'confirmed' }),
    (error) => {
      assert.ok(isSolanaError(error, SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE));
      assert.ok(isSolanaError(error.cause, SOLANA_ERROR__INSTRUCTION_ERROR__CUSTOM));
      assert.equal(error.cause.context.code, 1);
      assert.ok(error.context.logs.some((line) => line.startsWith('Transfer: insufficient lamports')));
      return true;
    },
  );
  assert.equal((await rpc.getBalance(poor.address).send()).value, SOL);
});

test('Without preflight a failing transaction is executed, keeps its error and pays its fee', async () => {
  const poor = await wallet(1n);
  const transaction = await signed([transfer(poor, payer.address, 50n * SOL)], poor);
  const signature = await rpc
    .sendTransaction(getBase64EncodedWireTransaction(transaction), { encoding: 'base64', skipPreflight: true })
    .send();
  const { value: [status] } = await rpc.getSignatureStatuses([signature]).send();
  assert.deepEqual(status.err, { InstructionError: [0n, { Custom: 1n }] });
  assert.equal((await rpc.getBalance(poor.address).send()).value, SOL - 5000n);
});

test('The same bytes a second time are already processed', async () => {
  const wire = getBase64EncodedWireTransaction(await signed([transfer(payer, payer.address, 7n)]));
  await rpc.sendTransaction(wire, { encoding: 'base64' }).send();
  await assert.rejects(
    () => rpc.sendTransaction(wire, { encoding: 'base64' }).send(),
    (error) => /already been processed/.test(error.cause.message),
  );
});

test('A foreign signature is refused', async () => {
  const transaction = await signed([transfer(payer, payer.address, 8n)]);
  const wire = Buffer.from(getBase64EncodedWireTransaction(transaction), 'base64');
  wire[5] ^= 1;
  await assert.rejects(
    () => rpc.sendTransaction(wire.toString('base64'), { encoding: 'base64' }).send(),
    (error) =>
      isSolanaError(error, SOLANA_ERROR__JSON_RPC__SERVER_ERROR_TRANSACTION_SIGNATURE_VERIFICATION_FAILURE),
  );
});

test('A simulation shows accounts afterwards and changes nothing', async () => {
  const to = await generateKeyPairSigner();
  const wire = getBase64EncodedWireTransaction(await signed([transfer(payer, to.address, SOL)]));
  const { value } = await rpc
    .simulateTransaction(wire, {
      encoding: 'base64', sigVerify: true, accounts: { addresses: [to.address], encoding: 'base64' },
    })
    .send();
  assert.equal(value.err, null);
  assert.equal(value.unitsConsumed, 150n);
  assert.equal(value.accounts[0].lamports, SOL);
  assert.equal((await rpc.getAccountInfo(to.address, { encoding: 'base64' }).send()).value, null);
});

test('A simulation may have its blockhash replaced, but not with signatures verified', async () => {
  const wire = getBase64EncodedWireTransaction(await signed([transfer(payer, payer.address, 9n)]));
  const options = { encoding: 'base64', replaceRecentBlockhash: true };
  const { value } = await rpc.simulateTransaction(wire, options).send();
  assert.equal(typeof value.replacementBlockhash.blockhash, 'string');
  await assert.rejects(
    () => rpc.simulateTransaction(wire, { ...options, sigVerify: true }).send(),
    (error) => isSolanaError(error, SOLANA_ERROR__JSON_RPC__INVALID_PARAMS),
  );
});

test('Signatures of an address come newest first, between before and until', async () => {
  const to = await generateKeyPairSigner();
  const signatures = [];
  for (const amount of [1n, 2n, 3n, 4n]) {
    signatures.unshift(await execute([transfer(payer, to.address, SOL + amount)]));
  }
  const all = await rpc.getSignaturesForAddress(to.address).send();
  assert.deepEqual(all.map(({ signature }) => signature), signatures);
  const between = await rpc
    .getSignaturesForAddress(to.address, { before: signatures[0], until: signatures[3], limit: 2 })
    .send();
  assert.deepEqual(between.map(({ signature }) => signature), signatures.slice(1, 3));
});

test('Account, logs and slot subscriptions tell of a transfer', async () => {
  const to = await generateKeyPairSigner();
  const abort = new AbortController();
  const options = { abortSignal: abort.signal };
  const firstOf = async (pending) => {
    const stream = await pending.subscribe(options);
    const iterator = stream[Symbol.asyncIterator]();
    return { next: iterator.next().then(({ value }) => value) };
  };
  const account = await firstOf(subscriptions.accountNotifications(to.address, { encoding: 'base64' }));
  const logs = await firstOf(subscriptions.logsNotifications({ mentions: [to.address] }));
  const slots = await firstOf(subscriptions.slotNotifications());
  const signature = await execute([transfer(payer, to.address, 2n * SOL)]);

  assert.equal((await account.next).value.lamports, 2n * SOL);
  const { value } = await logs.next;
  assert.equal(value.signature, signature);
  assert.equal(value.err, null);
  const { slot, parent } = await slots.next;
  assert.equal(slot, parent + 1n);
  abort.abort();
});
