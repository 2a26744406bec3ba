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

#[cfg(test)]
mod tests {
    use super::*;
    use core::cell::Cell;
    use gridtokenx_interface::state::{AccountLayout, SIDE_BUY};
    use gridtokenx_interface::Key;
    use gridtokenx_runtime::GridError;

    fn buy_order(amount: u64, price: u64) -> Order {
        Order {
            discriminator: Order::DISCRIMINATOR,
            owner: Key::ZERO,
            rent_payer: Key::ZERO,
            order_id: 1,
            amount,
            filled: Cell::new(0),
            price,
            escrowed: Cell::new(math::value(amount, price).unwrap()),
            created_at: 0,
            expires_at: 100,
            fee_bps: 100,
            side: SIDE_BUY,
            bump: 255,
            padding: [0; 4],
        }
    }

    #[test]
    fn uneven_fills_use_up_the_escrow_exactly() {
        for parts in [[1, 1, 1_999_998], [333_333, 666_667, 1_000_000], [7, 1_999_992, 1]] {
            let order = buy_order(2_000_000, 4_321);
            for part in parts {
                assert!(!order.is_full());
                assert!(buy(&order, part).unwrap() >= math::value(part, order.price).unwrap());
            }
            assert!(order.is_full());
            assert_eq!(order.escrowed.get(), 0);
        }
    }

    #[test]
    fn the_largest_order_fills_without_overflow() {
        let order = buy_order(u64::MAX, 1_000_000_000);
        assert_eq!(buy(&order, u64::MAX - 1), Ok(u64::MAX - 1));
        assert_eq!(buy(&order, 1), Ok(1));
        assert_eq!(buy(&order, 1), Err(GridError::MathOverflow));
    }

    #[test]
    fn no_more_than_the_rest_and_not_at_the_last_second() {
        let order = buy_order(2_000_000, 10);
        buy(&order, 1_500_000).unwrap();
        assert_eq!(require_rest(&order, 500_000), Ok(()));
        assert_eq!(require_rest(&order, 500_001), Err(GridError::AmountMismatch));
        assert_eq!(require_rest(&order, 0), Err(GridError::AmountMismatch));
        assert_eq!(require_not_expired(&order, 99), Ok(()));
        assert_eq!(require_not_expired(&order, 100), Err(GridError::OrderExpired));
    }
}
