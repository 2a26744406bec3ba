use gridtokenx_interface::state::SIDE_BUY;
use gridtokenx_runtime::{Args, Context, GridError, Result};

use crate::orders::{Placement, Request};

/// Places a buy order; its value at the limit price goes into the GRX vault.
///
/// 0. `[WRITE, SIGNER]` payer of the rent
/// 1. `[SIGNER]` owner
/// 2. `[]` market
/// 3. `[WRITE]` order, `["order", owner, order_id]`
/// 4. `[WRITE]` the owner's GRX account
/// 5. `[WRITE]` GRX vault
/// 6. `[]` system program
/// 7. `[]` token program
#[inline(never)]
pub fn create_buy_order(context: &Context, args: Args) -> Result<()> {
    let request = Request::read(args)?;
    let [payer, owner, market, order, owner_grx, grx_vault, system_program, token_program, ..] =
        context.accounts
    else {
        return Err(GridError::NotEnoughAccounts);
    };
    let placement = Placement {
        payer,
        owner,
        market,
        order,
        source: owner_grx,
        vault: grx_vault,
        system_program,
        token_program,
    };
    placement.place(&context.program_id, &request, SIDE_BUY)
}
