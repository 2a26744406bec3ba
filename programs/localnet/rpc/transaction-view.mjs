/** How getTransaction shows what the ledger keeps. */
import { addressText, encodeBase58 } from '../encoding.mjs';
import { Code, invalidParams, RpcError } from '../errors.mjs';
import { isWritableKey, parseTransaction } from '../transaction.mjs';

/**
 * @param {import('../records.mjs').TransactionRecord} record
 * @param {'json' | 'jsonParsed' | 'base58' | 'base64'} encoding
 * @param {number | undefined} maxVersion
 */
export function transactionView(record, encoding, maxVersion) {
  const transaction = parseTransaction(record.wire);
  if (transaction.version !== 'legacy' && maxVersion === undefined) {
    throw new RpcError(
      Code.unsupportedTransactionVersion,
      `Transaction version (${transaction.version}) is not supported by the requesting client. ` +
        'Please try the request again with the following configuration parameter: ' +
        `"maxSupportedTransactionVersion": ${transaction.version}`,
    );
  }
  return {
    slot: record.slot,
    blockTime: record.unixTime,
    meta: metaView(record, transaction),
    transaction: encoded(transaction, record, encoding),
    version: maxVersion === undefined ? undefined : transaction.version,
  };
}

function encoded(transaction, record, encoding) {
  switch (encoding) {
    case 'base58':
      return [encodeBase58(transaction.wire), 'base58'];
    case 'base64':
      return [transaction.wire.toString('base64'), 'base64'];
    case 'json':
    case 'jsonParsed':
      return {
        signatures: transaction.signatures.map(encodeBase58),
        message: encoding === 'json' ? messageView(transaction) : parsedMessageView(transaction, record),
      };
    default:
      throw invalidParams(`Invalid params: unknown encoding ${encoding}`);
  }
}

function messageView({ version, header, keys, blockhash, instructions, lookups }) {
  return {
    header: {
      numRequiredSignatures: header.signers,
      numReadonlySignedAccounts: header.readonlySigners,
      numReadonlyUnsignedAccounts: header.readonlyOthers,
    },
    accountKeys: keys.map(addressText),
    recentBlockhash: encodeBase58(blockhash),
    instructions: instructions.map(({ programIdIndex, accounts, data }) => ({
      programIdIndex,
      accounts: [...accounts],
      data: encodeBase58(data),
      stackHeight: 1,
    })),
    addressTableLookups: version === 'legacy' ? undefined : lookupsView(lookups),
  };
}

function lookupsView(lookups) {
  return lookups.map(({ table, writable, readonly }) => ({
    accountKey: addressText(table),
    writableIndexes: [...writable],
    readonlyIndexes: [...readonly],
  }));
}

/** Instructions in the form that Solana's nodes give those of programs they have no parser for. */
function parsedMessageView({ version, header, keys, blockhash, instructions, lookups }, record) {
  const { loadedWritable, loadedReadonly } = record;
  const all = [...keys, ...loadedWritable, ...loadedReadonly].map(addressText);
  const accountKeys = all.map((pubkey, index) => ({
    pubkey,
    signer: index < header.signers,
    writable:
      index < keys.length
        ? isWritableKey(header, keys.length, index)
        : index < keys.length + loadedWritable.length,
    source: index < keys.length ? 'transaction' : 'lookupTable',
  }));
  return {
    accountKeys,
    recentBlockhash: encodeBase58(blockhash),
    instructions: instructions.map(({ programIdIndex, accounts, data }) => ({
      programId: all[programIdIndex],
      accounts: Array.from(accounts, (index) => all[index]),
      data: encodeBase58(data),
      stackHeight: 1,
    })),
    addressTableLookups: version === 'legacy' ? undefined : lookupsView(lookups),
  };
}

function metaView({ err, meta, loadedWritable, loadedReadonly }) {
  return {
    err,
    status: err === null ? { Ok: null } : { Err: err },
    fee: BigInt(meta.fee),
    preBalances: meta.pre.map(BigInt),
    postBalances: meta.post.map(BigInt),
    innerInstructions: innerInstructionsView(meta.inner),
    logMessages: meta.logs,
    preTokenBalances: meta.preToken,
    postTokenBalances: meta.postToken,
    rewards: [],
    loadedAddresses: { writable: loadedWritable.map(addressText), readonly: loadedReadonly.map(addressText) },
    computeUnitsConsumed: meta.units,
    returnData: meta.returned === null ? undefined : returnDataView(meta.returned),
  };
}

export function innerInstructionsView(inner) {
  return inner.map(({ index, instructions }) => ({
    index,
    instructions: instructions.map(({ programIdIndex, accounts, data, stackHeight }) => ({
      programIdIndex,
      accounts,
      data: encodeBase58(Buffer.from(data, 'base64')),
      stackHeight,
    })),
  }));
}

export function returnDataView({ program, data }) {
  return { programId: program, data: [data, 'base64'] };
}
