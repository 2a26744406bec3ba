use gridtokenx_runtime::{Args, Context, GridError, Result};

use crate::config;

/// Stops the registry, or opens it again.
///
/// 0. `[SIGNER]` admin
/// 1. `[WRITE]` registry
#[inline(never)]
pub fn set_maintenance(context: &Context, mut args: Args) -> Result<()> {
    let enabled = args.bool()?;
    args.end()?;
    let [admin, registry, ..] = context.accounts else {
        return Err(GridError::NotEnoughAccounts);
    };
    config::load_for_admin(registry, admin, &context.program_id)?.maintenance.set(enabled);
    Ok(())
}
