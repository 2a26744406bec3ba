// What our programs' instructions, accounts and events look like: the very files that are published with them.
import { base58 } from "@scure/base";
import energyToken from "../../../../programs/bin/idl/energy_token.json";
import registry from "../../../../programs/bin/idl/registry.json";
import trading from "../../../../programs/bin/idl/trading.json";

export type IdlType =
  | string
  | { vec: IdlType }
  | { array: [IdlType, number] }
  | { defined: { name: string } };

export interface Field {
  name: string;
  type: IdlType;
  docs?: string[];
}

interface Named {
  name: string;
  discriminator: number[];
  docs?: string[];
}

export interface Idl {
  metadata: { name: string; description: string };
  instructions: (Named & { accounts: { name: string }[]; args: Field[] })[];
  accounts: Named[];
  events?: Named[];
  errors?: { code: number; name: string; msg: string }[];
  types: { name: string; docs?: string[]; type: { kind: string; fields: Field[] } }[];
}

export const idls = [trading, registry, energyToken] as unknown as readonly Idl[];

/** A program at its address in this deployment. */
export interface Program {
  readonly address: string;
  readonly idl: Idl;
}

/** Programs that every transaction may meet. */
export const knownPrograms: Readonly<Record<string, string>> = {
  "11111111111111111111111111111111": "System",
  TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA: "SPL Token",
  ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL: "Associated token",
  ComputeBudget111111111111111111111111111111: "Compute budget",
};

/** Instructions of programs without discriminators, by their first byte. */
export const plainNames: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  "11111111111111111111111111111111": { 0: "create_account", 1: "assign", 2: "transfer", 8: "allocate" },
  TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA: {
    1: "initialize_account", 3: "transfer", 7: "mint_to", 8: "burn", 9: "close_account", 12: "transfer_checked",
    14: "mint_to_checked", 15: "burn_checked", 18: "initialize_account3", 20: "initialize_mint2",
  },
  ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL: { 0: "create", 1: "create_idempotent" },
  ComputeBudget111111111111111111111111111111: { 2: "set_compute_unit_limit", 3: "set_compute_unit_price" },
};

export const isAddress = (text: string): boolean => {
  try {
    return base58.decode(text).length === 32;
  } catch {
    return false;
  }
};
