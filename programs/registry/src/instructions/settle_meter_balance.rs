use gridtokenx_interface::state::MeterAccount;
use gridtokenx_runtime::{clock, log, require, Args, Context, GridError, Result};

use crate::config;
use crate::settlement::settle;

/// The owner takes the unsettled net generation out without tokens, having sold that energy
/// elsewhere. Returns it, Wh, as return data.
///
/// 0. `[SIGNER]` owner
/// 1. `[]` registry
/// 2. `[WRITE]` meter
#[inline(never)]
pub fn settle_meter_balance(context: &Context, args: Args) -> Result<()> {
    args.end()?;
    let [owner, registry, meter, ..] = context.accounts else {
        return Err(GridError::NotEnoughAccounts);
    };
    owner.require_signer()?;
    config::load_open(registry, &context.program_id)?;
    let meter = meter.load_mut::<MeterAccount>(&context.program_id)?;
    require!(meter.owner == *owner.key(), Unauthorized);
    log::return_u64(settle(meter, clock::now(), false)?);
    Ok(())
}
