// Browser wallets by the Wallet Standard, https://github.com/wallet-standard/wallet-standard: wallets and page find
// each other with two events, whichever is there first.

import { signal } from "@preact/signals";

export interface WalletAccount {
  readonly address: string;
  readonly publicKey: Uint8Array;
  readonly chains: readonly string[];
  readonly features: readonly string[];
}

export interface Wallet {
  readonly version: "1.0.0";
  readonly name: string;
  /** A data: address. */
  readonly icon: string;
  readonly chains: readonly string[];
  readonly accounts: readonly WalletAccount[];
  readonly features: Readonly<Record<string, object>>;
}

interface ConnectFeature {
  connect(input?: { silent?: boolean }): Promise<{ accounts: readonly WalletAccount[] }>;
}

interface SignMessageFeature {
  signMessage(...inputs: readonly { account: WalletAccount; message: Uint8Array }[]): Promise<
    readonly { signedMessage: Uint8Array; signature: Uint8Array }[]
  >;
}

interface SignTransactionFeature {
  signTransaction(...inputs: readonly { account: WalletAccount; transaction: Uint8Array; chain?: string }[]): Promise<
    readonly { signedTransaction: Uint8Array }[]
  >;
}

const Connect = "standard:connect";
const SignMessage = "solana:signMessage";
const SignTransaction = "solana:signTransaction";

/** The one that the page itself brings along, in development. */
export const DevelopmentWalletName = "GridTokenX development wallet";

export const wallets = signal<readonly Wallet[]>([]);

/** Those that can all that the page needs. */
export function register(...found: readonly Wallet[]): () => void {
  const able = found.filter((wallet) =>
    [Connect, SignMessage, SignTransaction].every((feature) => feature in wallet.features)
    && !wallets.value.includes(wallet));
  wallets.value = [...wallets.value, ...able];
  return () => {
    wallets.value = wallets.value.filter((wallet) => !able.includes(wallet));
  };
}

export function look(): void {
  const api = Object.freeze({ register });
  addEventListener("wallet-standard:register-wallet", (event) => {
    const { detail } = event as CustomEvent<(api: { register: typeof register }) => void>;
    detail(api);
  });
  dispatchEvent(new CustomEvent("wallet-standard:app-ready", { detail: api }));
}

export async function connect(wallet: Wallet, silent = false): Promise<readonly WalletAccount[]> {
  const { accounts } = await (wallet.features[Connect] as ConnectFeature).connect(silent ? { silent } : {});
  return accounts;
}

export async function signMessage(wallet: Wallet, account: WalletAccount, message: Uint8Array): Promise<Uint8Array> {
  const [signed] = await (wallet.features[SignMessage] as SignMessageFeature).signMessage({ account, message });
  if (!signed) {
    throw new Error("The wallet has signed nothing.");
  }

  return signed.signature;
}

export async function signTransaction(
  wallet: Wallet,
  account: WalletAccount,
  transaction: Uint8Array,
): Promise<Uint8Array> {
  const chain = account.chains.find((each) => each.startsWith("solana:"));
  const [signed] = await (wallet.features[SignTransaction] as SignTransactionFeature)
    .signTransaction({ account, transaction, ...(chain ? { chain } : {}) });
  if (!signed) {
    throw new Error("The wallet has signed nothing.");
  }

  return signed.signedTransaction;
}
