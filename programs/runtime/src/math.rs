//! Exact arithmetic with 128-bit intermediates. The virtual machine multiplies and divides 64 bits
//! at most and has no multiply with overflow, so all of it is schoolbook in 32-bit digits.

use crate::interface::GRID_PER_KILOWATT_HOUR;
use crate::{require, GridError, Result};

/// An unsigned number of 128 bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Wide {
    high: u64,
    low: u64,
}

const LOW: u64 = 0xffff_ffff;

impl Wide {
    #[inline(always)]
    pub const fn product(a: u64, b: u64) -> Wide {
        let (a1, a0, b1, b0) = (a >> 32, a & LOW, b >> 32, b & LOW);
        let low = a0.wrapping_mul(b0);
        // Neither sum exceeds 64 bits: (2^32 − 1)^2 + 2 (2^32 − 1) = 2^64 − 1.
        let middle = a1.wrapping_mul(b0).wrapping_add(low >> 32);
        let cross = a0.wrapping_mul(b1).wrapping_add(middle & LOW);
        Wide {
            high: a1.wrapping_mul(b1).wrapping_add(middle >> 32).wrapping_add(cross >> 32),
            low: cross << 32 | low & LOW,
        }
    }

    /// The quotient rounded down; MathOverflow when it needs more than 64 bits.
    #[inline(always)]
    pub const fn divided_by(self, divisor: u32) -> Result<u64> {
        let d = divisor as u64;
        if self.high >= d {
            return Err(GridError::MathOverflow);
        }
        // high < d, hence the two leading digits of the quotient are zero.
        let upper = self.high << 32 | self.low >> 32;
        let lower = (upper % d) << 32 | self.low & LOW;
        Ok(((upper / d) << 32) | (lower / d))
    }

    #[inline(always)]
    pub const fn fit(self) -> Result<u64> {
        match self.high {
            0 => Ok(self.low),
            _ => Err(GridError::MathOverflow),
        }
    }
}

#[inline(always)]
pub fn sum(a: u64, b: u64) -> Result<u64> {
    a.checked_add(b).ok_or(GridError::MathOverflow)
}

#[inline(always)]
pub fn difference(a: u64, b: u64) -> Result<u64> {
    require!(a >= b, MathOverflow);
    Ok(a - b)
}

/// The value in µGRX, rounded down, of an amount in GRID base units at a price in µGRX per kWh.
#[inline(always)]
pub fn value(amount: u64, price: u64) -> Result<u64> {
    Wide::product(amount, price).divided_by(GRID_PER_KILOWATT_HOUR)
}

/// The fee on a value in basis points, rounded down.
#[inline(always)]
pub fn fee(value: u64, bps: u16) -> Result<u64> {
    Wide::product(value, bps as u64).divided_by(10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EDGES: [u64; 12] = [
        0,
        1,
        2,
        999_999_999,
        1_000_000_000,
        u32::MAX as u64 - 1,
        u32::MAX as u64,
        1 << 32,
        (1 << 32) + 1,
        i64::MAX as u64,
        u64::MAX - 1,
        u64::MAX,
    ];

    /// SplitMix64: the same numbers at every run.
    fn numbers() -> impl Iterator<Item = u64> {
        let mut state = 1u64;
        core::iter::repeat_with(move || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let z = z ^ (z >> 31);
            z >> (z & 63)
        })
    }

    fn check(a: u64, b: u64, divisor: u32) {
        let exact = a as u128 * b as u128;
        let product = Wide::product(a, b);
        assert_eq!((product.high as u128) << 64 | product.low as u128, exact);
        assert_eq!(product.fit().ok(), u64::try_from(exact).ok());
        assert_eq!(
            product.divided_by(divisor).ok(),
            u64::try_from(exact / divisor as u128).ok(),
            "{a} * {b} / {divisor}"
        );
    }

    #[test]
    fn products_and_quotients_equal_those_of_the_compilers_own_128_bits() {
        for a in EDGES {
            for b in EDGES {
                for divisor in [1, 2, 3600, 10_000, 1_000_000_000, u32::MAX] {
                    check(a, b, divisor);
                }
            }
        }
        let mut random = numbers();
        for _ in 0..200_000 {
            let (a, b) = (random.next().unwrap(), random.next().unwrap());
            check(a, b, (random.next().unwrap() as u32).max(1));
            check(a, b, 1_000_000_000);
        }
    }

    #[test]
    fn products_order_as_numbers_do() {
        for a in EDGES {
            for b in EDGES {
                let ordered = Wide::product(a, u64::MAX).cmp(&Wide::product(b, u64::MAX));
                assert_eq!(ordered, a.cmp(&b));
            }
        }
    }

    #[test]
    fn value_and_fee_round_down() {
        assert_eq!(value(1_500_000_000, 3), Ok(4));
        assert_eq!(value(999_999_999, 1), Ok(0));
        assert_eq!(value(u64::MAX, 1_000_000_000), Ok(u64::MAX));
        assert_eq!(value(u64::MAX, 1_000_000_001), Err(GridError::MathOverflow));
        assert_eq!(fee(9_999, 100), Ok(99));
        assert_eq!(fee(u64::MAX, 10_000), Ok(u64::MAX));
    }

    #[test]
    fn shares_of_a_bid_add_up_and_cover_the_value() {
        let mut random = numbers();
        for _ in 0..20_000 {
            let bid = random.next().unwrap() % 10_000_000_000;
            let amount = random.next().unwrap() % 1_000_000_000_000 + 1;
            let (mut filled, mut shares) = (0, 0);
            while filled < amount {
                let part = (random.next().unwrap() % amount + 1).min(amount - filled);
                let share = value(filled + part, bid).unwrap() - value(filled, bid).unwrap();
                assert!(share >= value(part, bid).unwrap());
                filled += part;
                shares += share;
            }
            assert_eq!(shares, value(amount, bid).unwrap());
        }
    }
}
