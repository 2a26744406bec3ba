use gridtokenx_runtime::{Args, Context, GridError, Result};

use crate::market;

/// Stops the market, or opens it again.
///
/// 0. `[SIGNER]` admin
/// 1. `[WRITE]` market
#[inline(never)]
pub fn set_maintenance(context: &Context, mut args: Args) -> Result<()> {
    let enabled = args.bool()?;
    args.end()?;
    let [admin, market, ..] = context.accounts else {
        return Err(GridError::NotEnoughAccounts);
    };
    market::load_for_admin(market, admin, &context.program_id)?.maintenance.set(enabled);
    Ok(())
}
