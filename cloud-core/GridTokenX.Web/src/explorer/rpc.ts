// Solana's JSON-RPC, straight from the browser: what the explorer shows comes from the chain, not from us.

export class RpcError extends Error {}

export interface RpcInstruction {
  programIdIndex: number;
  accounts: number[];
  data: string;
}

export interface RpcTransaction {
  slot: number;
  blockTime: number | null;
  transaction: {
    signatures: string[];
    message: { accountKeys: string[]; instructions: RpcInstruction[] };
  };
  meta: {
    err: unknown;
    fee: number;
    computeUnitsConsumed?: number;
    logMessages: string[] | null;
    innerInstructions: { index: number; instructions: RpcInstruction[] }[] | null;
    loadedAddresses?: { writable: string[]; readonly: string[] };
  } | null;
}

export interface SignatureInfo {
  signature: string;
  slot: number;
  blockTime: number | null;
  err: unknown;
}

export interface AccountInfo {
  owner: string;
  lamports: number;
  data: [string, "base64"];
  executable: boolean;
}

interface Answer<T> {
  result?: T;
  error?: { message: string };
}

const TimeoutMs = 10_000;

export function rpcAt(url: string, signal: AbortSignal) {
  let id = 0;
  const call = async <T>(method: string, ...params: unknown[]): Promise<T> => {
    let response: Response;
    try {
      response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ jsonrpc: "2.0", id: ++id, method, params }),
        signal: AbortSignal.any([signal, AbortSignal.timeout(TimeoutMs)]),
      });
    } catch (error) {
      signal.throwIfAborted();
      throw new RpcError(error instanceof Error ? error.message : String(error));
    }

    const answer = await bodyOf<T>(response);
    if (answer.error || answer.result === undefined) {
      throw new RpcError(answer.error?.message ?? `HTTP ${response.status}`);
    }

    return answer.result;
  };

  const commitment = "confirmed";
  return {
    signatures: (address: string, limit: number) =>
      call<SignatureInfo[]>("getSignaturesForAddress", address, { limit, commitment }),
    transaction: (signature: string) =>
      call<RpcTransaction | null>("getTransaction", signature, {
        commitment,
        encoding: "json",
        maxSupportedTransactionVersion: 0,
      }),
    account: async (address: string) =>
      (await call<{ value: AccountInfo | null }>("getAccountInfo", address, { commitment, encoding: "base64" })).value,
    balance: async (address: string) =>
      (await call<{ value: number }>("getBalance", address, { commitment })).value,
    airdrop: (address: string, lamports: number) => call<string>("requestAirdrop", address, lamports),
    slot: () => call<number>("getSlot", { commitment }),
    supply: async (mint: string) =>
      (await call<{ value: { uiAmountString: string } }>("getTokenSupply", mint, { commitment })).value.uiAmountString,
  };
}

/** What stands before an RPC answers in words when it has had enough. */
async function bodyOf<T>(response: Response): Promise<Answer<T>> {
  try {
    return (await response.json()) as Answer<T>;
  } catch {
    return {};
  }
}

export type Rpc = ReturnType<typeof rpcAt>;
