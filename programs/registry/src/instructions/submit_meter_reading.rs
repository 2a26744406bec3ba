use gridtokenx_interface::state::MeterAccount;
use gridtokenx_runtime::{clock, require, Args, Context, GridError, Result};

use crate::config;
use crate::reading::Reading;

/// Takes over a meter's registers.
///
/// 0. `[SIGNER]` oracle
/// 1. `[]` registry
/// 2. `[WRITE]` meter
#[inline(never)]
pub fn submit_meter_reading(context: &Context, mut args: Args) -> Result<()> {
    let reading = Reading::read(&mut args)?;
    args.end()?;
    let [oracle, registry, meter, ..] = context.accounts else {
        return Err(GridError::NotEnoughAccounts);
    };
    oracle.require_signer()?;
    let registry = config::load_open(registry, &context.program_id)?;
    require!(registry.oracle.get() == *oracle.key(), Unauthorized);
    let meter = meter.load_mut::<MeterAccount>(&context.program_id)?;
    reading.apply(meter, registry, clock::now())
}
