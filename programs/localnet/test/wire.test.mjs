/** Base58, JSON and the transaction reader against independent implementations; damaged bytes never reach LiteSVM. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { getBase58Decoder, getBase58Encoder } from '@solana/kit';
import {
  AddressLookupTableAccount, Keypair, MessageV0, SystemProgram, Transaction, VersionedTransaction,
} from '@solana/web3.js';
import { decodeBase58, encodeBase58, toJson } from '../encoding.mjs';
import { Svm } from '../svm.mjs';
import { INSTRUCTION_NAMES, TRANSACTION_NAMES } from '../transaction-error.mjs';
import { MalformedTransaction, parseTransaction, UnsanitaryTransaction } from '../transaction.mjs';

/** Bytes that are the same in every run. */
function bytesOf(seed, length) {
  const parts = [];
  for (let i = 0; i * 32 < length; i++) {
    parts.push(createHash('sha256').update(`${seed}/${i}`).digest());
  }
  return Buffer.concat(parts).subarray(0, length);
}

test('Base58 is that of @solana/kit, for every length and with leading zeros', () => {
  const [encoder, decoder] = [getBase58Encoder(), getBase58Decoder()];
  for (let length = 0; length <= 130; length++) {
    for (const zeros of [0, 1, 3]) {
      const bytes = Buffer.concat([Buffer.alloc(zeros), bytesOf(`${length} ${zeros}`, length)]);
      const text = encodeBase58(bytes);
      assert.equal(text, decoder.decode(bytes));
      assert.deepEqual(decodeBase58(text), Buffer.from(encoder.encode(text)));
    }
  }
  assert.equal(decodeBase58('0OIl'), null);
  assert.equal(decodeBase58('é'), null);
});

test('JSON is that of JSON.stringify, and integers of any size', () => {
  const value = { a: [1, 'x"\n\u2028', null, true, { b: undefined, c: 1.5 }], d: {}, e: [] };
  assert.equal(toJson(value), JSON.stringify(value));
  assert.equal(toJson({ big: 2n ** 64n - 1n }), '{"big":18446744073709551615}');
});

test('The names of errors are in the order of LiteSVM', () => {
  const declared = readFileSync(new URL('../node_modules/litesvm/dist/internal.d.ts', import.meta.url), 'utf8');
  const namesOf = (enumeration) => {
    const [body] = declared.split(`const enum ${enumeration} {`)[1].split('}');
    return [...body.matchAll(/(\w+) = \d+/g)].map(([, name]) => name);
  };
  assert.deepEqual(TRANSACTION_NAMES, namesOf('TransactionErrorFieldless'));
  assert.deepEqual(INSTRUCTION_NAMES, namesOf('InstructionErrorFieldless'));
});

function samples() {
  const [payer, other] = [Keypair.fromSeed(bytesOf('payer', 32)), Keypair.fromSeed(bytesOf('other', 32))];
  const recentBlockhash = encodeBase58(bytesOf('blockhash', 32));
  const instruction = SystemProgram.transfer({ fromPubkey: payer.publicKey, toPubkey: other.publicKey, lamports: 5 });
  const legacy = new Transaction({ feePayer: payer.publicKey, recentBlockhash }).add(instruction, instruction);
  legacy.sign(payer);
  const versioned = new VersionedTransaction(
    MessageV0.compile({ payerKey: payer.publicKey, recentBlockhash, instructions: [instruction] }),
  );
  versioned.sign([payer]);
  const lookedUp = new VersionedTransaction(
    MessageV0.compile({
      payerKey: payer.publicKey, recentBlockhash, instructions: [instruction],
      addressLookupTableAccounts: [lookupTable([other.publicKey, payer.publicKey])],
    }),
  );
  lookedUp.sign([payer]);
  return [legacy.serialize(), Buffer.from(versioned.serialize()), Buffer.from(lookedUp.serialize())];
}

function lookupTable(addresses) {
  return new AddressLookupTableAccount({
    key: Keypair.fromSeed(bytesOf('table', 32)).publicKey,
    state: { deactivationSlot: 2n ** 64n - 1n, lastExtendedSlot: 0, lastExtendedSlotStartIndex: 0, addresses },
  });
}

test('A transaction is read as web3.js wrote it', () => {
  const [legacy, versioned] = samples().map(parseTransaction);
  assert.equal(legacy.version, 'legacy');
  assert.equal(versioned.version, 0);
  for (const { keys, instructions, blockhash, header } of [legacy, versioned]) {
    assert.equal(encodeBase58(keys[0]), Keypair.fromSeed(bytesOf('payer', 32)).publicKey.toBase58());
    assert.deepEqual(blockhash, bytesOf('blockhash', 32));
    assert.deepEqual([...instructions[0].accounts], [0, 1]);
    assert.deepEqual(header, { signers: 1, readonlySigners: 0, readonlyOthers: 1 });
  }
});

test('Bytes that are damaged in any place are refused, or run without harm', () => {
  const svm = new Svm();
  let ran = 0;
  const attempt = (wire) => {
    try {
      parseTransaction(wire);
    } catch (error) {
      assert.ok(error instanceof MalformedTransaction || error instanceof UnsanitaryTransaction, error.stack);
      return;
    }
    ran++;
    assert.notEqual(svm.simulate(wire, false).err, null);
    assert.notEqual(svm.execute(wire).err, null);
  };
  for (const sample of samples()) {
    for (let length = 0; length < sample.length; length++) {
      attempt(sample.subarray(0, length));
    }
    attempt(Buffer.concat([sample, Buffer.from([0])]));
    for (let at = 0; at < sample.length; at++) {
      for (const flip of [0x01, 0x02, 0x7f, 0x80, 0xff]) {
        const wire = Buffer.from(sample);
        wire[at] ^= flip;
        attempt(wire);
      }
    }
  }
  for (let i = 0; i < 3000; i++) {
    attempt(bytesOf(`random ${i}`, (i * 7) % 400));
  }
  assert.ok(ran > 500, `${ran} damaged transactions were readable`);
});
