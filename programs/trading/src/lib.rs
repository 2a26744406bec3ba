//! Orders with their escrow, and the settlement of matches. The matcher can move a trade, but never
//! break an owner's limit; what is left of an order can only ever return to its owner.
#![cfg_attr(any(target_os = "solana", target_arch = "bpf"), no_std)]
#![deny(unsafe_op_in_unsafe_fn)]

mod fill;
mod instructions;
mod market;
mod orders;
mod settlements;

use gridtokenx_interface::instruction::trading::*;
use gridtokenx_runtime::{Context, GridError, Result};

gridtokenx_runtime::entrypoint!(process);

fn process(context: &Context) -> Result<()> {
    use instructions::*;

    let (instruction, args) = context.instruction()?;
    match instruction {
        SETTLE_MATCH => settle_match(context, args),
        CREATE_SELL_ORDER => create_sell_order(context, args),
        CREATE_BUY_ORDER => create_buy_order(context, args),
        RELEASE_ORDER => release_order(context, args),
        CANCEL_ORDER => cancel_order(context, args),
        EXPIRE_ORDER => expire_order(context, args),
        MATCH_ORDER => match_order(context, args),
        OPEN_SETTLEMENT_PAGE => open_settlement_page(context, args),
        INITIALIZE_MARKET => initialize_market(context, args),
        UPDATE_MARKET => update_market(context, args),
        SET_MAINTENANCE => set_maintenance(context, args),
        _ => Err(GridError::InvalidInstruction),
    }
}
