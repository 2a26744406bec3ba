import type { ChainInfo } from "../api/types";
import { idls, type Program } from "./idl";

/** The chain as the cloud core names it: everything else is asked of the chain itself. */
export interface Chain {
  readonly info: ChainInfo;
  readonly programs: readonly Program[];
}

export function chainOf(info: ChainInfo): Chain {
  const addresses: Readonly<Record<string, string>> = {
    trading: info.trading,
    registry: info.registry,
    energy_token: info.energy_token,
  };
  return { info, programs: idls.map((idl) => ({ address: addresses[idl.metadata.name]!, idl })) };
}
