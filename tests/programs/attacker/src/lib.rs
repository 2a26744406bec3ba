//! Tries to mint GRID without being the registry, by a cross-program call into
//! `mint_from_production`. Instruction data: the way (u8), the amount (u64).
//!
//! 0. `[]` whom to pass as the registry: the real one, or this program's `["registry"]`
//! 1. `[]` the energy token's configuration
//! 2. `[WRITE]` GRID mint
//! 3. `[WRITE]` destination
//! 4. `[]` token program
//! 5. `[]` energy token program
#![cfg_attr(any(target_os = "solana", target_arch = "bpf"), no_std)]

use gridtokenx_interface::instruction::energy_token::MINT_FROM_PRODUCTION;
use gridtokenx_runtime::address::Seeds;
use gridtokenx_runtime::cpi::{invoke, READ, SIGN, WRITE};
use gridtokenx_runtime::{Args, Context, GridError, Result};

/// The account does not sign.
const UNSIGNED: u8 = 0;
/// The account is called a signer, without a signature: the runtime itself refuses that.
const FORGED: u8 = 1;
/// The account is this program's own address, which does sign.
const OWN_ADDRESS: u8 = 2;

gridtokenx_runtime::entrypoint!(process);

#[repr(C)]
struct Call {
    discriminator: u64,
    amount: u64,
}

fn process(context: &Context) -> Result<()> {
    let mut args = Args::new(context.data);
    let (way, amount) = (args.u8()?, args.u64()?);
    args.end()?;
    let [registry, config, mint, destination, token_program, energy_token, ..] = context.accounts
    else {
        return Err(GridError::NotEnoughAccounts);
    };
    let call = Call {
        discriminator: MINT_FROM_PRODUCTION,
        amount,
    };
    // SAFETY: two words, sixteen initialised bytes.
    let data = unsafe { &*(&raw const call as *const [u8; 16]) };
    let with = |access| {
        [
            (registry, access),
            (config, READ),
            (mint, WRITE),
            (destination, WRITE),
            (token_program, READ),
        ]
    };
    let seeds = Seeds([&b"registry"[..]]);
    match way {
        UNSIGNED => invoke(energy_token.key(), with(READ), data, None),
        FORGED => invoke(energy_token.key(), with(SIGN), data, None),
        OWN_ADDRESS => {
            let bump = [seeds.require_address(registry, &context.program_id)?];
            invoke(
                energy_token.key(),
                with(SIGN),
                data,
                Some(&seeds.signer(&bump)),
            );
        }
        _ => return Err(GridError::InvalidInstruction),
    }
    Ok(())
}
