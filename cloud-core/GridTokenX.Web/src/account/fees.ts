import { api } from "../api/client";
import { rpcAt } from "../explorer/rpc";

const Enough = 20_000_000;
const Wanted = 1_000_000_000;
const TimeoutMs = 30_000;
const PauseMs = 300;

/** On a development chain a wallet that cannot pay fees asks the chain's faucet, and waits for what comes. */
export async function ensureFees(address: string): Promise<void> {
  const signal = AbortSignal.timeout(TimeoutMs);
  const rpc = rpcAt((await api.chain(signal)).rpc_url, signal);
  if ((await rpc.balance(address)) >= Enough) {
    return;
  }

  await rpc.airdrop(address, Wanted);
  while ((await rpc.balance(address)) < Enough) {
    await new Promise((resolve) => setTimeout(resolve, PauseMs));
  }
}
