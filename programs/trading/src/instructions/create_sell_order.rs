use gridtokenx_interface::state::SIDE_SELL;
use gridtokenx_runtime::{Args, Context, GridError, Result};

use crate::orders::{Placement, Request};

/// Places a sell order; its energy goes into the GRID vault.
///
/// 0. `[WRITE, SIGNER]` payer of the rent
/// 1. `[SIGNER]` owner
/// 2. `[]` market
/// 3. `[WRITE]` order, `["order", owner, order_id]`
/// 4. `[WRITE]` the owner's GRID account
/// 5. `[WRITE]` GRID vault
/// 6. `[]` system program
/// 7. `[]` token program
#[inline(never)]
pub fn create_sell_order(context: &Context, args: Args) -> Result<()> {
    let request = Request::read(args)?;
    let [payer, owner, market, order, owner_grid, grid_vault, system_program, token_program, ..] =
        context.accounts
    else {
        return Err(GridError::NotEnoughAccounts);
    };
    let placement = Placement {
        payer,
        owner,
        market,
        order,
        source: owner_grid,
        vault: grid_vault,
        system_program,
        token_program,
    };
    placement.place(&context.program_id, &request, SIDE_SELL)
}
