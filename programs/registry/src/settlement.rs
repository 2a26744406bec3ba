use gridtokenx_interface::event::MeterBalanceSettled;
use gridtokenx_interface::state::MeterAccount;
use gridtokenx_runtime::{log, math, require, Result};

/// Marks a meter's unsettled net generation as settled and returns it, Wh.
#[inline(always)]
pub fn settle(meter: &MeterAccount, now: i64, minted: bool) -> Result<u64> {
    let energy = meter.unsettled();
    require!(energy > 0, NoUnsettledBalance);
    let total = math::sum(meter.settled_net_generation.get(), energy)?;
    meter.settled_net_generation.set(total);
    let event = MeterBalanceSettled {
        owner: meter.owner,
        new_tokens: energy,
        total_settled: total,
        timestamp: now,
        minted: minted as u8,
    };
    log::emit_for_meter(meter, event);
    Ok(energy)
}
