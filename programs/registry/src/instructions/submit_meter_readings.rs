use gridtokenx_interface::state::MeterAccount;
use gridtokenx_runtime::{clock, require, Args, Context, GridError, Result};

use crate::config;
use crate::reading::{Reading, READING_SIZE};

/// Takes over the registers of several meters, or several readings of one in order.
///
/// 0. `[SIGNER]` oracle
/// 1. `[]` registry
///
/// Then for each reading:
///
/// - `[WRITE]` meter
#[inline(never)]
pub fn submit_meter_readings(context: &Context, mut args: Args) -> Result<()> {
    let count = args.count(READING_SIZE)?;
    require!(count >= 1, InvalidInstruction);
    let [oracle, registry, meters @ ..] = context.accounts else {
        return Err(GridError::NotEnoughAccounts);
    };
    require!(meters.len() == count, AmountMismatch);
    oracle.require_signer()?;
    let registry = config::load_open(registry, &context.program_id)?;
    require!(registry.oracle.get() == *oracle.key(), Unauthorized);
    let now = clock::now();
    for meter in meters {
        let reading = Reading::read(&mut args)?;
        let meter = meter.load_mut::<MeterAccount>(&context.program_id)?;
        reading.apply(meter, registry, now)?;
    }
    Ok(())
}
