//! Users, their meters and what those have measured. A meter's net generation becomes tokens once:
//! `settled_net_generation` only grows, and never above production less consumption.
#![cfg_attr(any(target_os = "solana", target_arch = "bpf"), no_std)]
#![deny(unsafe_op_in_unsafe_fn)]

mod config;
mod instructions;
mod reading;
mod settlement;

use gridtokenx_interface::instruction::registry::*;
use gridtokenx_runtime::{Context, GridError, Result};

gridtokenx_runtime::entrypoint!(process);

fn process(context: &Context) -> Result<()> {
    use instructions::*;

    let (instruction, args) = context.instruction()?;
    match instruction {
        SUBMIT_METER_READINGS => submit_meter_readings(context, args),
        SETTLE_AND_MINT_TOKENS => settle_and_mint_tokens(context, args),
        SUBMIT_METER_READING => submit_meter_reading(context, args),
        REGISTER_METER => register_meter(context, args),
        REGISTER_USER => register_user(context, args),
        GET_UNSETTLED_BALANCE => get_unsettled_balance(context, args),
        SETTLE_METER_BALANCE => settle_meter_balance(context, args),
        DEACTIVATE_METER => deactivate_meter(context, args),
        INITIALIZE => initialize(context, args),
        UPDATE_REGISTRY => update_registry(context, args),
        SET_MAINTENANCE => set_maintenance(context, args),
        _ => Err(GridError::InvalidInstruction),
    }
}
