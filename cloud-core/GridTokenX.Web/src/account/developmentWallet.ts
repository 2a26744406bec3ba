// A wallet for simulations and development: an Ed25519 key of WebCrypto's that scripts can use and not read, kept in
// IndexedDB. It signs whatever the page asks for; it is offered only where the server says that nothing is at stake.

import { base58 } from "@scure/base";
import { DevelopmentWalletName, type Wallet, type WalletAccount } from "./standard";

interface Held {
  publicKey: Uint8Array<ArrayBuffer>;
  privateKey: CryptoKey;
}

const Algorithm = "Ed25519";
const KeyFileBytes = 64;
const SeedBytes = 32;
const SignatureBytes = 64;

// DER around the 32 bytes of a seed: version, algorithm 1.3.101.112, octet string of an octet string.
const Pkcs8Head = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20);

export async function isThere(): Promise<boolean> {
  return (await read()) !== undefined;
}

/** A new key in place of the one before. */
export async function create(): Promise<void> {
  const pair = (await crypto.subtle.generateKey(Algorithm, false, ["sign", "verify"])) as CryptoKeyPair;
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  await write({ publicKey, privateKey: pair.privateKey });
}

/** The key of a Solana key file (a JSON list of 64 bytes); false when it is none. */
export async function takeKeyFile(text: string): Promise<boolean> {
  let bytes: unknown;
  try {
    bytes = JSON.parse(text);
  } catch {
    return false;
  }

  if (!Array.isArray(bytes) || bytes.length !== KeyFileBytes
    || !bytes.every((each) => Number.isInteger(each) && each >= 0 && each < 256)) {
    return false;
  }

  const whole = Uint8Array.from(bytes as number[]);
  const der = new Uint8Array([...Pkcs8Head, ...whole.subarray(0, SeedBytes)]);
  const privateKey = await crypto.subtle.importKey("pkcs8", der, Algorithm, false, ["sign"]);
  const publicKey = whole.slice(SeedBytes);
  const verifies = await crypto.subtle.importKey("raw", publicKey, Algorithm, false, ["verify"]);
  const probe = new TextEncoder().encode("GridTokenX");
  const signature = await crypto.subtle.sign(Algorithm, privateKey, probe);
  if (!(await crypto.subtle.verify(Algorithm, verifies, signature, probe))) {
    return false;
  }

  await write({ publicKey, privateKey });
  return true;
}

export function developmentWallet(): Wallet {
  let accounts: readonly WalletAccount[] = [];
  const key = async (): Promise<Held> => {
    const held = await read();
    if (!held) {
      throw new Error("The development wallet has no key.");
    }

    return held;
  };

  const sign = async (bytes: Uint8Array): Promise<Uint8Array> =>
    new Uint8Array(await crypto.subtle.sign(Algorithm, (await key()).privateKey, new Uint8Array(bytes)));

  return {
    version: "1.0.0",
    name: DevelopmentWalletName,
    icon: "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'%3E%3Crect width='24' "
      + "height='24' rx='6' fill='%23ffd75e'/%3E%3Cpath d='M13 3 5 14h6l-1 7 8-11h-6z' fill='%233d2800'/%3E%3C/svg%3E",
    chains: ["solana:localnet"],
    get accounts() {
      return accounts;
    },
    features: {
      "standard:connect": {
        version: "1.0.0",
        connect: async ({ silent }: { silent?: boolean } = {}) => {
          if (!(await isThere())) {
            if (silent) {
              return { accounts: [] };
            }

            await create();
          }

          const { publicKey } = await key();
          const features = ["solana:signMessage", "solana:signTransaction"];
          accounts = [{ address: base58.encode(publicKey), publicKey, chains: ["solana:localnet"], features }];
          return { accounts };
        },
      },
      "standard:events": { version: "1.0.0", on: () => () => {} },
      "solana:signMessage": {
        version: "1.0.0",
        signMessage: async ({ message }: { message: Uint8Array }) =>
          [{ signedMessage: message, signature: await sign(message) }],
      },
      "solana:signTransaction": {
        version: "1.0.0",
        supportedTransactionVersions: ["legacy", 0],
        signTransaction: async ({ transaction }: { transaction: Uint8Array }) => {
          // The number of signatures (one, in one byte), as many signatures, and what is signed.
          if (transaction[0] !== 1) {
            throw new Error("The wallet signs transactions with one signer.");
          }

          const signedTransaction = new Uint8Array(transaction);
          signedTransaction.set(await sign(transaction.subarray(1 + SignatureBytes)), 1);
          return [{ signedTransaction }];
        },
      },
    },
  };
}



const Store = "keys";
const Entry = "wallet";

async function read(): Promise<Held | undefined> {
  return use("readonly", (store) => store.get(Entry) as IDBRequest<Held | undefined>);
}

async function write(held: Held): Promise<void> {
  await use("readwrite", (store) => store.put(held, Entry));
}

async function use<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const opening = indexedDB.open("gridtokenx-wallet", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(Store);
  const database = await done(opening);
  try {
    return await done(work(database.transaction(Store, mode).objectStore(Store)));
  } finally {
    database.close();
  }
}

const done = <T>(request: IDBRequest<T>): Promise<T> => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error ?? new Error("IndexedDB has failed."));
});
