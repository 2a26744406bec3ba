import { encodeBase58, decodeBase58, keyOf } from '../encoding.mjs';
import { Code, invalidParams, RpcError } from '../errors.mjs';
import { feeOf } from '../fees.mjs';
import { BLOCKHASH_AGE } from '../slots.mjs';
import { transactionErrorText } from '../transaction-error.mjs';
import {
  MalformedTransaction, MAX_WIRE_BYTES, parseMessage, parseTransaction, UnsanitaryTransaction,
} from '../transaction.mjs';
import { accountView, viewOptions } from './account-view.mjs';
import { addressParam, choiceParam, configParam, flagParam, integerParam, listParam, withContext } from './params.mjs';
import { innerInstructionsView, returnDataView } from './transaction-view.mjs';

const MAX_BASE58_WIRE = 1683;
const MAX_BASE64_WIRE = 1644;

export const transactions = {
  sendTransaction(chain, [wire, config]) {
    const checked = configParam(config, chain);
    const transaction = transactionParam(wire, checked.encoding);
    const skipPreflight = flagParam(checked.skipPreflight, 'skipPreflight');
    const { refused } = chain.submit(transaction, !skipPreflight);
    // Without preflight a node only passes the bytes on: a transaction that cannot run simply never appears.
    if (refused !== null && !skipPreflight) {
      verifySignatures(chain, transaction);
      throw preflightFailure(refused);
    }
    return encodeBase58(transaction.signatures[0]);
  },

  simulateTransaction(chain, [wire, config]) {
    const checked = configParam(config, chain);
    const transaction = transactionParam(wire, checked.encoding);
    const sigVerify = flagParam(checked.sigVerify, 'sigVerify');
    const replaceBlockhash = flagParam(checked.replaceRecentBlockhash, 'replaceRecentBlockhash');
    if (sigVerify && replaceBlockhash) {
      throw invalidParams('sigVerify may not be used with replaceRecentBlockhash');
    }
    if (sigVerify) {
      verifySignatures(chain, transaction);
    }
    const wanted = accountsWanted(checked.accounts, transaction);
    const refused = replaceBlockhash ? null : chain.refusalOf(transaction);
    const outcome = refused ?? chain.svm.simulate(transaction.wire, false);
    return withContext(chain, {
      ...simulationView(outcome),
      accounts: outcome.err === null ? wanted?.(chain, outcome.accounts) ?? null : null,
      fee: feeOf(transaction),
      innerInstructions: flagParam(checked.innerInstructions, 'innerInstructions')
        ? innerInstructionsView(storedShape(outcome.inner))
        : null,
      replacementBlockhash: replaceBlockhash ? replacement(chain) : null,
    });
  },

  getFeeForMessage(chain, [message, config]) {
    configParam(config, chain);
    const parsed = decoded(() => parseMessage(base64Param(message, MAX_BASE64_WIRE)));
    const isKnown = chain.slots.isRecent(parsed.blockhash);
    const isReadable = parsed.instructions.every(({ programIdIndex }) => programIdIndex < parsed.keys.length);
    return withContext(chain, isKnown && isReadable ? feeOf(parsed) : null);
  },

  requestAirdrop(chain, [address, lamports, config]) {
    const to = addressParam(address);
    const amount = integerParam(lamports, 'lamports');
    configParam(config, chain);
    const signature = chain.airdrop(to, BigInt(amount));
    if (signature === null) {
      throw new RpcError(Code.internalError, 'airdrop request failed: the faucet cannot pay that much to this account');
    }
    return encodeBase58(signature);
  },
};

/** @returns {import('../transaction.mjs').Transaction} */
function transactionParam(value, encoding) {
  const kind = choiceParam(encoding, ['base58', 'base64'], 'encoding') ?? 'base58';
  const wire = kind === 'base64' ? base64Param(value, MAX_BASE64_WIRE) : base58Param(value);
  return decoded(() => parseTransaction(wire));
}

function decoded(parse) {
  try {
    return parse();
  } catch (error) {
    if (error instanceof MalformedTransaction) {
      throw invalidParams(`failed to deserialize transaction: ${error.message}`);
    }
    if (error instanceof UnsanitaryTransaction) {
      throw invalidParams(`invalid transaction: ${error.message}`);
    }
    throw error;
  }
}

function base64Param(value, maxCharacters) {
  if (typeof value !== 'string') {
    throw invalidParams('Invalid params: expected a base64 string');
  }
  if (value.length > maxCharacters) {
    throw tooLarge('base64', value.length, maxCharacters);
  }
  const bytes = Buffer.from(value, 'base64');
  if (bytes.toString('base64') !== value) {
    throw invalidParams('invalid base64 encoding');
  }
  return bytes;
}

function base58Param(value) {
  if (typeof value !== 'string') {
    throw invalidParams('Invalid params: expected a base58 string');
  }
  if (value.length > MAX_BASE58_WIRE) {
    throw tooLarge('base58', value.length, MAX_BASE58_WIRE);
  }
  const bytes = decodeBase58(value, MAX_BASE58_WIRE);
  if (bytes === null) {
    throw invalidParams('invalid base58 encoding');
  }
  return bytes;
}

function tooLarge(encoding, length, max) {
  const limits = `${max}/${MAX_WIRE_BYTES}`;
  return invalidParams(`${encoding} encoded too large: ${length} bytes (max: encoded/raw ${limits})`);
}

function verifySignatures(chain, transaction) {
  if (chain.svm.simulate(transaction.wire, true).err === 'SignatureFailure') {
    throw new RpcError(Code.signatureVerificationFailure, 'Transaction signature verification failure');
  }
}

function preflightFailure(outcome) {
  return new RpcError(
    Code.preflightFailure,
    `Transaction simulation failed: ${transactionErrorText(outcome.err)}`,
    { ...simulationView(outcome), accounts: null, innerInstructions: null, replacementBlockhash: null },
  );
}

function simulationView({ err, logs, unitsConsumed, returnData }) {
  return { err, logs, unitsConsumed, loadedAccountsDataSize: 0, returnData: returnData && returnDataOf(returnData) };
}

function returnDataOf({ programId, data }) {
  return returnDataView({ program: encodeBase58(programId), data: data.toString('base64') });
}

function replacement(chain) {
  const { blockhashText, blockHeight } = chain.slots;
  return { blockhash: blockhashText, lastValidBlockHeight: blockHeight + BLOCKHASH_AGE };
}

/** simulateTransaction's `accounts` option: what the named accounts look like afterwards. */
function accountsWanted(value, { keys }) {
  if (value === undefined || value === null) {
    return null;
  }
  const options = viewOptions(value, 'base64');
  if (options.encoding === 'binary' || options.encoding === 'base58') {
    throw invalidParams('base58 encoding not supported');
  }
  const addresses = listParam(value.addresses, keys.length, 'addresses').map(addressParam);
  return (chain, after) =>
    addresses.map((address) => {
      const account = after.get(keyOf(address)) ?? chain.svm.account(address);
      return account === null || account.lamports === 0n ? null : accountView(account, options, chain);
    });
}

function storedShape(inner) {
  return inner
    .map((list, index) => ({
      index,
      instructions: list.map((one) => ({ ...one, accounts: [...one.accounts], data: one.data.toString('base64') })),
    }))
    .filter(({ instructions }) => instructions.length > 0);
}
