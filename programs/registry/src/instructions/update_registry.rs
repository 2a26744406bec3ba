use gridtokenx_runtime::{require, Args, Context, GridError, Result};

use crate::config::{self, Limits};

/// Changes who may do what and the limits of readings; works in maintenance too.
///
/// 0. `[SIGNER]` admin
/// 1. `[WRITE]` registry
#[inline(never)]
pub fn update_registry(context: &Context, mut args: Args) -> Result<()> {
    let (new_admin, registrar, oracle) = (args.key()?, args.key()?, args.key()?);
    let limits = Limits::read(args)?;
    require!(
        !new_admin.is_zero() && !registrar.is_zero() && !oracle.is_zero(),
        InvalidConfiguration
    );
    let [admin, registry, ..] = context.accounts else {
        return Err(GridError::NotEnoughAccounts);
    };
    let registry = config::load_for_admin(registry, admin, &context.program_id)?;
    registry.admin.set(new_admin);
    registry.registrar.set(registrar);
    registry.oracle.set(oracle);
    registry.min_reading_interval_s.set(limits.min_reading_interval_s);
    registry.max_power_w.set(limits.max_power_w);
    registry.max_ahead_s.set(limits.max_ahead_s);
    Ok(())
}
