import { flagParam, addressParam, configParam, integerParam, listParam, withContext } from './params.mjs';
import { accountFilter, accountView, keyedViews, viewOptions } from './account-view.mjs';

const MAX_MULTIPLE_ACCOUNTS = 100;
const MAX_DATA_BYTES = 10 * 1024 * 1024;

export const accounts = {
  getBalance(chain, [address, config]) {
    const key = addressParam(address);
    configParam(config, chain);
    return withContext(chain, chain.svm.balance(key));
  },

  getAccountInfo(chain, [address, config]) {
    const key = addressParam(address);
    const options = viewOptions(configParam(config, chain));
    return withContext(chain, shown(chain, key, options));
  },

  getMultipleAccounts(chain, [addresses, config]) {
    const keys = listParam(addresses, MAX_MULTIPLE_ACCOUNTS, 'addresses').map(addressParam);
    const options = viewOptions(configParam(config, chain), 'base64');
    return withContext(chain, keys.map((key) => shown(chain, key, options)));
  },

  getProgramAccounts(chain, [program, config]) {
    const key = addressParam(program);
    const checked = configParam(config, chain);
    const options = viewOptions(checked);
    const matches = accountFilter(checked.filters);
    const found = chain.programAccounts(key).filter(({ account }) => matches(account));
    const views = keyedViews(found, options, chain);
    return flagParam(checked.withContext, 'withContext') ? withContext(chain, views) : views;
  },

  getMinimumBalanceForRentExemption(chain, [dataLength, config]) {
    configParam(config, chain);
    return chain.svm.rentExemption(Math.min(integerParam(dataLength, 'data length'), MAX_DATA_BYTES));
  },
};

function shown(chain, key, options) {
  const account = chain.svm.account(key);
  return account === null ? null : accountView(account, options, chain);
}
