use gridtokenx_interface::event::TradeExecuted;
use gridtokenx_interface::state::{SettlementPage, SIDE_SELL};
use gridtokenx_interface::Key;
use gridtokenx_runtime::{clock, log, math, require, token, Args, Context, GridError, Result};

use crate::{fill, market, orders, settlements};

/// A consumer takes a listed sell order, whole or in part, at its price. The matcher signs too: it
/// vouches that this energy is not matched to somebody else already.
///
/// 0. `[SIGNER]` buyer
/// 1. `[SIGNER]` matcher
/// 2. `[]` market
/// 3. `[WRITE]` settlement page
/// 4. `[WRITE]` the sell order
/// 5. `[WRITE]` the buyer's GRX account
/// 6. `[WRITE]` the seller's GRX account
/// 7. `[WRITE]` fee account
/// 8. `[WRITE]` GRID vault
/// 9. `[WRITE]` the buyer's GRID account
/// 10. `[WRITE]` who paid the order's rent
/// 11. `[]` token program
#[inline(never)]
pub fn match_order(context: &Context, mut args: Args) -> Result<()> {
    let (settlement_id, amount, max_price) = (args.u64()?, args.u64()?, args.u64()?);
    args.end()?;
    #[rustfmt::skip]
    let [
        buyer, matcher, market_account, page, order_account, buyer_grx, seller_grx, fee_account,
        grid_vault, buyer_grid, rent_payer, token_program, ..
    ] = context.accounts else {
        return Err(GridError::NotEnoughAccounts);
    };
    let program = &context.program_id;
    buyer.require_signer()?;
    matcher.require_signer()?;
    token_program.require_program(&Key::TOKEN_PROGRAM)?;
    let market = market::load_open(market_account, program)?;
    market::require_matcher(market, matcher)?;
    fee_account.require_key(&market.fee_account.get())?;
    grid_vault.require_key(&market.grid_vault)?;
    settlements::use_once(page.load_mut::<SettlementPage>(program)?, settlement_id)?;

    let now = clock::now();
    let order = orders::load(order_account, program)?;
    require!(order.side == SIDE_SELL, InvalidOrder);
    require!(order.owner != *buyer.key(), SelfTradingNotAllowed);
    fill::require_not_expired(order, now)?;
    fill::require_rest(order, amount)?;
    require!(order.price <= max_price, PriceOutOfBounds);
    market::require_price_in_bounds(market, order.price)?;

    let value = math::value(amount, order.price)?;
    let fee = fill::fee(market, order, value)?;
    token::require_token_account(buyer_grx, buyer.key())?;
    // Nothing else here would notice a payment in a worthless token when the fee is zero.
    token::require_mint_of(buyer_grx, &market.grx_mint)?;
    token::require_token_account(seller_grx, &order.owner)?;
    token::require_token_account(buyer_grid, buyer.key())?;
    token::require_balance(buyer_grx, value)?;
    rent_payer.require_key(&order.rent_payer)?;
    for account in [buyer_grx, seller_grx, fee_account, grid_vault, buyer_grid, rent_payer] {
        account.require_writable()?;
    }

    fill::sell(order, amount)?;
    let bump = [market.bump];
    let signer = market::signer(&bump);
    token::transfer(buyer_grx, seller_grx, buyer, math::difference(value, fee)?, None);
    if fee > 0 {
        token::transfer(buyer_grx, fee_account, buyer, fee, None);
    }
    token::transfer(grid_vault, buyer_grid, market_account, amount, Some(&signer));
    log::emit(TradeExecuted {
        settlement_id,
        order_id: order.order_id,
        buy_order_id: 0,
        seller: order.owner,
        buyer: *buyer.key(),
        amount_tokens: amount,
        price: order.price,
        total_price: value,
        fee,
        timestamp: now,
    });
    if order.is_full() {
        // SAFETY: ours, as loaded above, and the reference is not used again.
        unsafe { order_account.close(rent_payer)? };
    }
    Ok(())
}
