//! The GRID token: 10^9 base units are one kilowatt-hour that was generated. Only the registry's
//! own address mints, and only what meters have measured; owners retire what they have used.
#![cfg_attr(any(target_os = "solana", target_arch = "bpf"), no_std)]
#![deny(unsafe_op_in_unsafe_fn)]

mod config;
mod instructions;

use gridtokenx_interface::instruction::energy_token::*;
use gridtokenx_runtime::{Context, GridError, Result};

gridtokenx_runtime::entrypoint!(process);

fn process(context: &Context) -> Result<()> {
    use instructions::*;

    let (instruction, args) = context.instruction()?;
    match instruction {
        MINT_FROM_PRODUCTION => mint_from_production(context, args),
        RETIRE => retire(context, args),
        INITIALIZE => initialize(context, args),
        SET_MAINTENANCE => set_maintenance(context, args),
        _ => Err(GridError::InvalidInstruction),
    }
}
