use gridtokenx_interface::event::CANCELLED_BY_OWNER;
use gridtokenx_interface::Key;
use gridtokenx_runtime::{clock, require, Args, Context, GridError, Result};

use crate::market;
use crate::orders::Ending;

/// The owner takes back what is left of an order.
///
/// 0. `[SIGNER]` owner
/// 1. `[]` market
/// 2. `[]` token program
/// 3. `[WRITE]` order
/// 4. `[WRITE]` the vault of its side
/// 5. `[WRITE]` an account of the owner for the refund
/// 6. `[WRITE]` who paid the rent
#[inline(never)]
pub fn cancel_order(context: &Context, args: Args) -> Result<()> {
    args.end()?;
    let [owner, market_account, token_program, group @ ..] = context.accounts else {
        return Err(GridError::NotEnoughAccounts);
    };
    let group = group.get(..4).ok_or(GridError::NotEnoughAccounts)?;
    owner.require_signer()?;
    token_program.require_program(&Key::TOKEN_PROGRAM)?;
    let ending = Ending {
        program: &context.program_id,
        market_account,
        market: market::load_open(market_account, &context.program_id)?,
        reason: CANCELLED_BY_OWNER,
        now: clock::now(),
    };
    ending.end_all(group, |order| {
        require!(order.owner == *owner.key(), Unauthorized);
        Ok(())
    })
}
