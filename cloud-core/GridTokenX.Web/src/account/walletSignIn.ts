import { base58 } from "@scure/base";
import { ask } from "../api/http";
import type { SessionTokens } from "../api/types";
import { begin, session } from "./session";
import { connect, signMessage, type Wallet, type WalletAccount, wallets } from "./standard";

const Remembered = "wallet";

/** The wallet signs the server's text; who it is for is in it. */
export async function signInWith(wallet: Wallet): Promise<void> {
  const [account] = await connect(wallet);
  if (!account) {
    throw new Error(`${wallet.name} gives no account.`);
  }

  const { message } = await ask<{ message: string }>("/api/auth/nonce", { body: { wallet: account.address } });
  const signature = await signMessage(wallet, account, new TextEncoder().encode(message));
  localStorage.setItem(Remembered, wallet.name);
  await begin(await ask<SessionTokens>("/api/auth/wallet", {
    body: { wallet: account.address, message, signature: base58.encode(signature), cookie: true },
  }));
}

/** The wallet that holds the key of this session; after a reload it is asked for again. */
export async function signer(): Promise<{ wallet: Wallet; account: WalletAccount } | undefined> {
  const address = session.value?.access_key;
  const remembered = localStorage.getItem(Remembered);
  const candidates = [...wallets.value].sort((left, right) =>
    Number(right.name === remembered) - Number(left.name === remembered));
  for (const wallet of candidates) {
    for (const silent of [true, false]) {
      const known = wallet.accounts.length > 0 ? wallet.accounts : await connect(wallet, silent).catch(() => []);
      const account = known.find((each) => each.address === address);
      if (account) {
        return { wallet, account };
      }

      if (wallet.name !== remembered) {
        break; // Nobody else's window is opened.
      }
    }
  }

  return undefined;
}
