use gridtokenx_interface::event::CANCELLED_BY_MATCHER;
use gridtokenx_interface::Key;
use gridtokenx_runtime::{clock, Args, Context, GridError, Result};

use crate::market;
use crate::orders::Ending;

/// A matcher unlists orders at any time; what is left can go to their owners only.
///
/// 0. `[SIGNER]` matcher
/// 1. `[]` market
/// 2. `[]` token program
///
/// Then for each order:
///
/// - `[WRITE]` order
/// - `[WRITE]` the vault of its side
/// - `[WRITE]` an account of its owner for the refund
/// - `[WRITE]` who paid the rent
#[inline(never)]
pub fn release_order(context: &Context, args: Args) -> Result<()> {
    args.end()?;
    let [matcher, market_account, token_program, groups @ ..] = context.accounts else {
        return Err(GridError::NotEnoughAccounts);
    };
    matcher.require_signer()?;
    token_program.require_program(&Key::TOKEN_PROGRAM)?;
    let market = market::load_open(market_account, &context.program_id)?;
    market::require_matcher(market, matcher)?;
    let ending = Ending {
        program: &context.program_id,
        market_account,
        market,
        reason: CANCELLED_BY_MATCHER,
        now: clock::now(),
    };
    ending.end_all(groups, |_| Ok(()))
}
