use gridtokenx_runtime::{require, Args, Context, GridError, Result};

use crate::market::{self, Terms};

/// Changes admin, fee, price bounds, matchers and fee account; works in maintenance too.
///
/// 0. `[SIGNER]` admin
/// 1. `[WRITE]` market
/// 2. `[]` the fee account from now on, a GRX account
#[inline(never)]
pub fn update_market(context: &Context, mut args: Args) -> Result<()> {
    let new_admin = args.key()?;
    let terms = Terms::read(args)?;
    require!(!new_admin.is_zero(), InvalidConfiguration);
    let [admin, market_account, fee_account, ..] = context.accounts else {
        return Err(GridError::NotEnoughAccounts);
    };
    let market = market::load_for_admin(market_account, admin, &context.program_id)?;
    market::require_fee_account(fee_account, market_account.key(), &market.grx_mint)?;

    market.admin.set(new_admin);
    market.fee_account.set(*fee_account.key());
    market.fee_bps.set(terms.fee_bps);
    market.min_price.set(terms.min_price);
    market.max_price.set(terms.max_price);
    market.matcher_count.set(terms.matcher_count);
    for (slot, matcher) in market.matchers.iter().zip(terms.matchers) {
        slot.set(matcher);
    }
    Ok(())
}
