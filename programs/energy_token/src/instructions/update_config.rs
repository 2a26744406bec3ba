use gridtokenx_runtime::{require, Args, Context, GridError, Result};

use crate::config;

/// Replaces the admin; works in maintenance too. Mint and registry never change.
///
/// 0. `[SIGNER]` admin
/// 1. `[WRITE]` configuration
#[inline(never)]
pub fn update_config(context: &Context, mut args: Args) -> Result<()> {
    let new_admin = args.key()?;
    args.end()?;
    require!(!new_admin.is_zero(), InvalidConfiguration);
    let [admin, config, ..] = context.accounts else {
        return Err(GridError::NotEnoughAccounts);
    };
    config::load_for_admin(config, admin, &context.program_id)?.admin.set(new_admin);
    Ok(())
}
