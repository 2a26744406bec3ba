use gridtokenx_interface::state::TokenConfig;
use gridtokenx_runtime::{require, Args, Context, GridError, Result};

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
    admin.require_signer()?;
    let config = config.load_mut::<TokenConfig>(&context.program_id)?;
    require!(config.admin == *admin.key(), Unauthorized);
    config.maintenance.set(enabled);
    Ok(())
}
