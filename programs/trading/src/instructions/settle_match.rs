use gridtokenx_interface::event::TradeExecuted;
use gridtokenx_interface::state::{Market, SettlementPage, SIDE_BUY, SIDE_SELL};
use gridtokenx_interface::Key;
use gridtokenx_runtime::address::Signer;
use gridtokenx_runtime::{clock, log, math, require, token};
use gridtokenx_runtime::{Account, Args, Context, GridError, Result};

use crate::{fill, market, orders, settlements};

const GROUP: usize = 7;
const SETTLEMENT_SIZE: usize = 24;

/// Executes matches out of the vaults: energy to the buyer, its value less the fee to the seller,
/// the unused part of the bid back. The matcher chooses the price within both limits.
///
/// 0. `[SIGNER]` matcher
/// 1. `[]` market
/// 2. `[WRITE]` the settlement page of all ids
/// 3. `[WRITE]` GRID vault
/// 4. `[WRITE]` GRX vault
/// 5. `[WRITE]` fee account
/// 6. `[]` token program
///
/// Then for each settlement:
///
/// - `[WRITE]` sell order
/// - `[WRITE]` buy order
/// - `[WRITE]` the buyer's GRID account
/// - `[WRITE]` the seller's GRX account
/// - `[WRITE]` the buyer's GRX account
/// - `[WRITE]` who paid the sell order's rent
/// - `[WRITE]` who paid the buy order's rent
#[inline(never)]
pub fn settle_match(context: &Context, mut args: Args) -> Result<()> {
    let count = args.count(SETTLEMENT_SIZE)?;
    require!(count >= 1, InvalidInstruction);
    #[rustfmt::skip]
    let [
        matcher, market_account, page, grid_vault, grx_vault, fee_account, token_program,
        groups @ ..
    ] = context.accounts else {
        return Err(GridError::NotEnoughAccounts);
    };
    require!(groups.len() >= count * GROUP, NotEnoughAccounts);
    require!(groups.len() == count * GROUP, AmountMismatch);
    let program = &context.program_id;
    matcher.require_signer()?;
    token_program.require_program(&Key::TOKEN_PROGRAM)?;
    let market = market::load_open(market_account, program)?;
    market::require_matcher(market, matcher)?;
    grid_vault.require_key(&market.grid_vault)?;
    grx_vault.require_key(&market.grx_vault)?;
    fee_account.require_key(&market.fee_account.get())?;
    for account in [grid_vault, grx_vault, fee_account] {
        account.require_writable()?;
    }

    let bump = [market.bump];
    let executor = Executor {
        program,
        market_account,
        market,
        page: page.load_mut(program)?,
        grid_vault,
        grx_vault,
        signer: market::signer(&bump),
        now: clock::now(),
    };
    let mut fees = 0;
    for group in groups.chunks_exact(GROUP) {
        let settlement = Settlement { id: args.u64()?, amount: args.u64()?, price: args.u64()? };
        fees = math::sum(fees, executor.execute(&settlement, group)?)?;
    }
    if fees > 0 {
        let signer = Some(&executor.signer);
        token::transfer(grx_vault, fee_account, market_account, fees, signer);
    }
    close_full_orders(groups, program)
}

struct Settlement {
    id: u64,
    amount: u64,
    price: u64,
}

struct Executor<'a, 'b> {
    program: &'b Key,
    market_account: &'b Account<'a>,
    market: &'b Market,
    page: &'b SettlementPage,
    grid_vault: &'b Account<'a>,
    grx_vault: &'b Account<'a>,
    signer: Signer<'b>,
    now: i64,
}

impl Executor<'_, '_> {
    /// Returns the fee, which stays in the vault for the one transfer at the end.
    #[inline(always)]
    fn execute(&self, settlement: &Settlement, group: &[Account]) -> Result<u64> {
        #[rustfmt::skip]
        let [
            sell_account, buy_account, buyer_grid, seller_grx, buyer_grx, sell_rent_payer,
            buy_rent_payer,
        ] = group else {
            return Err(GridError::NotEnoughAccounts);
        };
        let Settlement { id, amount, price } = *settlement;
        // First of all: whoever repeats a settlement must learn that it is done, even when its
        // orders are gone.
        settlements::use_once(self.page, id)?;
        require!(!sell_account.is_same(buy_account), DuplicateAccount);
        let sell = orders::load(sell_account, self.program)?;
        let buy = orders::load(buy_account, self.program)?;
        require!(sell.side == SIDE_SELL && buy.side == SIDE_BUY, InvalidOrder);
        require!(sell.owner != buy.owner, SelfTradingNotAllowed);
        fill::require_not_expired(sell, self.now)?;
        fill::require_not_expired(buy, self.now)?;
        fill::require_rest(sell, amount)?;
        fill::require_rest(buy, amount)?;
        require!(sell.price <= price && price <= buy.price, PriceOutOfBounds);
        market::require_price_in_bounds(self.market, price)?;

        token::require_token_account(buyer_grid, &buy.owner)?;
        token::require_token_account(seller_grx, &sell.owner)?;
        token::require_token_account(buyer_grx, &buy.owner)?;
        sell_rent_payer.require_key(&sell.rent_payer)?;
        buy_rent_payer.require_key(&buy.rent_payer)?;
        for account in [buyer_grid, seller_grx, buyer_grx, sell_rent_payer, buy_rent_payer] {
            account.require_writable()?;
        }

        let value = math::value(amount, price)?;
        let fee = fill::fee(self.market, sell, value)?;
        fill::sell(sell, amount)?;
        let share = fill::buy(buy, amount)?;
        self.pay(self.grid_vault, buyer_grid, amount);
        self.pay(self.grx_vault, seller_grx, math::difference(value, fee)?);
        self.pay(self.grx_vault, buyer_grx, math::difference(share, value)?);
        log::emit(TradeExecuted {
            settlement_id: id,
            order_id: sell.order_id,
            buy_order_id: buy.order_id,
            seller: sell.owner,
            buyer: buy.owner,
            amount_tokens: amount,
            price,
            total_price: value,
            fee,
            timestamp: self.now,
        });
        Ok(fee)
    }

    #[inline(always)]
    fn pay(&self, vault: &Account, to: &Account, amount: u64) {
        if amount > 0 {
            token::transfer(vault, to, self.market_account, amount, Some(&self.signer));
        }
    }
}

/// After the last call, since lamports must be in balance at each. An order may be in several
/// groups; the first of them closes it.
#[inline(always)]
fn close_full_orders(groups: &[Account], program: &Key) -> Result<()> {
    for group in groups.chunks_exact(GROUP) {
        let [sell, buy, _, _, _, sell_rent_payer, buy_rent_payer] = group else {
            return Err(GridError::NotEnoughAccounts);
        };
        for (account, rent_payer) in [(sell, sell_rent_payer), (buy, buy_rent_payer)] {
            if account.is_owned_by(program) && orders::load(account, program)?.is_full() {
                // SAFETY: ours, as just loaded, and no reference is used again.
                unsafe { account.close(rent_payer)? };
            }
        }
    }
    Ok(())
}
