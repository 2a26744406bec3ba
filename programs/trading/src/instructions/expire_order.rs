use gridtokenx_interface::event::CANCELLED_BY_EXPIRY;
use gridtokenx_interface::Key;
use gridtokenx_runtime::{clock, require, Args, Context, GridError, Result};

use crate::market;
use crate::orders::Ending;

/// Anyone may end orders that have expired; what is left goes to their owners.
///
/// 0. `[]` market
/// 1. `[]` token program
///
/// Then for each order:
///
/// - `[WRITE]` order
/// - `[WRITE]` the vault of its side
/// - `[WRITE]` an account of its owner for the refund
/// - `[WRITE]` who paid the rent
#[inline(never)]
pub fn expire_order(context: &Context, args: Args) -> Result<()> {
    args.end()?;
    let [market_account, token_program, groups @ ..] = context.accounts else {
        return Err(GridError::NotEnoughAccounts);
    };
    token_program.require_program(&Key::TOKEN_PROGRAM)?;
    let now = clock::now();
    let ending = Ending {
        program: &context.program_id,
        market_account,
        market: market::load_open(market_account, &context.program_id)?,
        reason: CANCELLED_BY_EXPIRY,
        now,
    };
    ending.end_all(groups, |order| {
        require!(now >= order.expires_at, OrderNotExpired);
        Ok(())
    })
}
