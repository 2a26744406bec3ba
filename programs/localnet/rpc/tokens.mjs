import { invalidParams } from '../errors.mjs';
import {
  DELEGATE_OFFSET, DELEGATE_TAG_OFFSET, isMint, isTokenAccount, isTokenProgram, MINT_OFFSET, OWNER_OFFSET, readMint,
  readTokenAccount, uiTokenAmount,
} from '../token.mjs';
import { addressParam, configParam, withContext } from './params.mjs';
import { keyedViews, viewOptions } from './account-view.mjs';

export const tokens = {
  getTokenAccountBalance(chain, [address, config]) {
    const key = addressParam(address);
    configParam(config, chain);
    const account = chain.svm.account(key);
    if (account === null) {
      throw invalidParams('Invalid param: could not find account');
    }
    if (!isTokenAccount(account.owner, account.data)) {
      throw invalidParams('Invalid param: not a Token account');
    }
    const { mint, amount } = readTokenAccount(account.data);
    const decimals = chain.mintDecimals(mint);
    if (decimals === null) {
      throw invalidParams('Invalid param: could not find mint');
    }
    return withContext(chain, uiTokenAmount(amount, decimals));
  },

  getTokenSupply(chain, [address, config]) {
    const key = addressParam(address);
    configParam(config, chain);
    const account = chain.svm.account(key);
    if (account === null) {
      throw invalidParams('Invalid param: could not find account');
    }
    if (!isMint(account.owner, account.data)) {
      throw invalidParams('Invalid param: not a Token mint');
    }
    const { supply, decimals } = readMint(account.data);
    return withContext(chain, uiTokenAmount(supply, decimals));
  },

  getTokenAccountsByOwner(chain, [owner, filter, config]) {
    const key = addressParam(owner);
    return tokenAccounts(chain, filter, config, (data) => data.subarray(OWNER_OFFSET, OWNER_OFFSET + 32).equals(key));
  },

  getTokenAccountsByDelegate(chain, [delegate, filter, config]) {
    const key = addressParam(delegate);
    return tokenAccounts(
      chain, filter, config,
      (data) =>
        data.readUInt32LE(DELEGATE_TAG_OFFSET) === 1 &&
        data.subarray(DELEGATE_OFFSET, DELEGATE_OFFSET + 32).equals(key),
    );
  },

  getTokenLargestAccounts(chain, [mint, config]) {
    const key = addressParam(mint);
    configParam(config, chain);
    const account = chain.svm.account(key);
    if (account === null || !isMint(account.owner, account.data)) {
      throw invalidParams('Invalid param: not a Token mint');
    }
    const { decimals } = readMint(account.data);
    const largest = holdersOf(chain, account.owner, key)
      .sort((a, b) => (a.amount > b.amount ? -1 : 1))
      .slice(0, 20);
    return withContext(
      chain,
      largest.map(({ address, amount }) => ({ address, ...uiTokenAmount(amount, decimals) })),
    );
  },
};

function holdersOf(chain, program, mint) {
  const found = chain
    .programAccounts(program)
    .filter(({ account }) => isTokenAccount(account.owner, account.data) && hasMint(account.data, mint));
  return keyedViews(found, { encoding: 'base64' }, chain).map(({ pubkey, account }) => ({
    address: pubkey,
    amount: readTokenAccount(Buffer.from(account.data[0], 'base64')).amount,
  }));
}

function hasMint(data, mint) {
  return data.subarray(MINT_OFFSET, MINT_OFFSET + 32).equals(mint);
}

function tokenAccounts(chain, filter, config, isWanted) {
  const options = viewOptions(configParam(config, chain));
  const { program, mint } = tokenFilter(chain, filter);
  const found = chain
    .programAccounts(program)
    .filter(({ account: { owner, data } }) => isTokenAccount(owner, data) && isWanted(data))
    .filter(({ account: { data } }) => mint === null || hasMint(data, mint));
  return withContext(chain, keyedViews(found, options, chain));
}

/** {mint} or {programId}, as both clients send it. */
function tokenFilter(chain, filter) {
  if (filter?.programId !== undefined) {
    const program = addressParam(filter.programId);
    if (!isTokenProgram(program)) {
      throw invalidParams('Invalid param: unrecognized Token program id');
    }
    return { program, mint: null };
  }
  if (filter?.mint !== undefined) {
    const mint = addressParam(filter.mint);
    const account = chain.svm.account(mint);
    if (account === null || !isMint(account.owner, account.data)) {
      throw invalidParams('Invalid param: could not find mint');
    }
    return { program: account.owner, mint };
  }
  throw invalidParams('Invalid params: the filter is {mint} or {programId}');
}
