use gridtokenx_interface::state::MeterAccount;
use gridtokenx_runtime::{log, Args, Context, GridError, Result};

/// Returns a meter's net generation that is not settled yet, Wh, as return data.
///
/// 0. `[]` meter
#[inline(never)]
pub fn get_unsettled_balance(context: &Context, args: Args) -> Result<()> {
    args.end()?;
    let [meter, ..] = context.accounts else {
        return Err(GridError::NotEnoughAccounts);
    };
    log::return_u64(meter.load::<MeterAccount>(&context.program_id)?.unsettled());
    Ok(())
}
