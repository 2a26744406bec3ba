use gridtokenx_runtime::{Args, Context, GridError, Result};

use crate::config;

/// Stops minting and retiring, or opens them again.
///
/// 0. `[SIGNER]` admin
/// 1. `[WRITE]` configuration
#[inline(never)]
pub fn set_maintenance(context: &Context, mut args: Args) -> Result<()> {
    let enabled = args.bool()?;
    args.end()?;
    let [admin, config, ..] = context.accounts else {
        return Err(GridError::NotEnoughAccounts);
    };
    config::load_for_admin(config, admin, &context.program_id)?.maintenance.set(enabled);
    Ok(())
}
