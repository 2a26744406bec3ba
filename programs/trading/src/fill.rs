//! What one execution does to an order.

use gridtokenx_interface::state::{Market, Order};
use gridtokenx_runtime::{math, require, Result};

/// Refuses an amount of zero or above the rest.
#[inline(always)]
pub fn require_rest(order: &Order, amount: u64) -> Result<()> {
    let rest = order.amount.wrapping_sub(order.filled.get());
    require!(amount >= 1 && amount <= rest, AmountMismatch);
    Ok(())
}

#[inline(always)]
pub fn require_not_expired(order: &Order, now: i64) -> Result<()> {
    require!(now < order.expires_at, OrderExpired);
    Ok(())
}

/// The fee of a value. A seller pays at most what the market asked when the order was placed.
#[inline(always)]
pub fn fee(market: &Market, sell: &Order, value: u64) -> Result<u64> {
    math::fee(value, market.fee_bps.get().min(sell.fee_bps))
}

/// Takes the energy out of a sell order's escrow.
#[inline(always)]
pub fn sell(order: &Order, amount: u64) -> Result<()> {
    let filled = math::sum(order.filled.get(), amount)?;
    order.filled.set(filled);
    order.escrowed.set(math::difference(order.escrowed.get(), amount)?);
    Ok(())
}

/// Takes the share of this fill out of a buy order's escrow. Shares are differences of rounded
/// totals, so that those of all fills add up to the escrow exactly and each covers its value.
/// Returns the share, µGRX.
#[inline(always)]
pub fn buy(order: &Order, amount: u64) -> Result<u64> {
    let before = order.filled.get();
    let filled = math::sum(before, amount)?;
    let share =
        math::difference(math::value(filled, order.price)?, math::value(before, order.price)?)?;
    order.filled.set(filled);
    order.escrowed.set(math::difference(order.escrowed.get(), share)?);
    Ok(share)
}
