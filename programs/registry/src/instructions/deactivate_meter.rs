use gridtokenx_interface::event::MeterDeactivated;
use gridtokenx_interface::state::MeterAccount;
use gridtokenx_runtime::{clock, log, require, Args, Context, GridError, Result};

use crate::config;

/// Takes a meter out of service, for good; what it has generated can still be settled.
///
/// 0. `[SIGNER]` registrar or the meter's owner
/// 1. `[]` registry
/// 2. `[WRITE]` meter
#[inline(never)]
pub fn deactivate_meter(context: &Context, args: Args) -> Result<()> {
    args.end()?;
    let [authority, registry, meter, ..] = context.accounts else {
        return Err(GridError::NotEnoughAccounts);
    };
    authority.require_signer()?;
    let registry = config::load_open(registry, &context.program_id)?;
    let meter = meter.load_mut::<MeterAccount>(&context.program_id)?;
    require!(
        *authority.key() == registry.registrar.get() || *authority.key() == meter.owner,
        Unauthorized
    );
    require!(meter.active.get() == 1, MeterNotActive);
    meter.active.set(0);
    let timestamp = clock::now();
    log::emit_for_meter(meter, MeterDeactivated { owner: meter.owner, timestamp });
    Ok(())
}
