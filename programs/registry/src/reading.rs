//! The rules of a meter reading.

use gridtokenx_interface::state::{MeterAccount, Registry};
use gridtokenx_runtime::math::Wide;
use gridtokenx_runtime::{require, Args, GridError, Result};

pub const READING_SIZE: usize = 24;
const SECONDS_PER_HOUR: u64 = 3_600;

/// Cumulative registers in Wh at a Unix time.
#[derive(Clone, Copy)]
pub struct Reading {
    pub total_production: u64,
    pub total_consumption: u64,
    pub timestamp: i64,
}

impl Reading {
    #[inline(always)]
    pub fn read(args: &mut Args) -> Result<Reading> {
        Ok(Reading {
            total_production: args.u64()?,
            total_consumption: args.u64()?,
            timestamp: args.i64()?,
        })
    }

    /// Takes the reading over into the meter. The first one may come at any time since the meter's
    /// installation, every later one not before the least interval has passed.
    #[inline(always)]
    pub fn apply(&self, meter: &MeterAccount, registry: &Registry, now: i64) -> Result<()> {
        let (production, consumption) =
            (meter.total_production.get(), meter.total_consumption.get());
        require!(meter.active.get() == 1, MeterNotActive);
        require!(
            self.total_production >= production && self.total_consumption >= consumption,
            RegisterRegression
        );
        let ahead = registry.max_ahead_s.get() as i64;
        let latest = now.checked_add(ahead).ok_or(GridError::MathOverflow)?;
        require!(self.timestamp <= latest, ReadingInFuture);

        let least = registry.min_reading_interval_s.get();
        let last = meter.last_reading_at.get();
        let elapsed = self.timestamp.checked_sub(last).ok_or(GridError::MathOverflow)?;
        let is_first = meter.readings.get() == 0;
        require!(elapsed >= if is_first { 0 } else { least as i64 }, ReadingTooEarly);

        let most = Wide::product(registry.max_power_w.get(), (elapsed as u64).max(least));
        for grown in [self.total_production - production, self.total_consumption - consumption] {
            // Wh × 3600 = Ws, so nothing needs to be divided.
            require!(Wide::product(grown, SECONDS_PER_HOUR) <= most, ReadingOutOfRange);
        }
        meter.total_production.set(self.total_production);
        meter.total_consumption.set(self.total_consumption);
        meter.last_reading_at.set(self.timestamp);
        let readings = meter.readings.get().checked_add(1).ok_or(GridError::MathOverflow)?;
        meter.readings.set(readings);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::cell::Cell;
    use gridtokenx_interface::state::AccountLayout;
    use gridtokenx_interface::Key;

    const NOW: i64 = 1_700_000_000;

    fn registry(max_power_w: u64) -> Registry {
        Registry {
            discriminator: Registry::DISCRIMINATOR,
            admin: Cell::new(Key::ZERO),
            registrar: Cell::new(Key::ZERO),
            oracle: Cell::new(Key::ZERO),
            energy_token: Key::ZERO,
            min_reading_interval_s: Cell::new(300),
            max_power_w: Cell::new(max_power_w),
            max_ahead_s: Cell::new(60),
            maintenance: Cell::new(0),
            bump: 255,
            padding: [0; 6],
        }
    }

    fn meter(readings: u64) -> MeterAccount {
        MeterAccount {
            discriminator: MeterAccount::DISCRIMINATOR,
            owner: Key::ZERO,
            device: Key::ZERO,
            meter_id: [0; 32],
            total_production: Cell::new(1_000),
            total_consumption: Cell::new(500),
            settled_net_generation: Cell::new(0),
            last_reading_at: Cell::new(NOW - 900),
            registered_at: NOW - 900,
            readings: Cell::new(readings),
            meter_id_len: 1,
            active: Cell::new(1),
            bump: 255,
            padding: [0; 5],
        }
    }

    fn submit(readings: u64, production: u64, timestamp: i64) -> Result<()> {
        let reading = Reading { total_production: production, total_consumption: 500, timestamp };
        reading.apply(&meter(readings), &registry(12_000), NOW)
    }

    #[test]
    fn a_register_grows_by_the_most_power_over_the_time_at_most() {
        // 12 kW for 900 s are 3,000 Wh; the least interval of 300 s counts in any case.
        assert_eq!(submit(1, 4_000, NOW), Ok(()));
        assert_eq!(submit(1, 4_001, NOW), Err(GridError::ReadingOutOfRange));
        assert_eq!(submit(0, 2_000, NOW - 900), Ok(()));
        assert_eq!(submit(0, 2_001, NOW - 900), Err(GridError::ReadingOutOfRange));
    }

    #[test]
    fn only_the_first_reading_may_come_before_the_least_interval() {
        assert_eq!(submit(1, 1_000, NOW - 601), Err(GridError::ReadingTooEarly));
        assert_eq!(submit(1, 1_000, NOW - 600), Ok(()));
        assert_eq!(submit(0, 1_000, NOW - 900), Ok(()));
        assert_eq!(submit(0, 1_000, NOW - 901), Err(GridError::ReadingTooEarly));
    }

    #[test]
    fn extremes_are_refused_by_name() {
        assert_eq!(submit(1, 1_000, NOW + 60), Ok(()));
        assert_eq!(submit(1, 1_000, NOW + 61), Err(GridError::ReadingInFuture));
        assert_eq!(submit(1, 1_000, i64::MAX), Err(GridError::ReadingInFuture));
        assert_eq!(submit(1, 1_000, i64::MIN), Err(GridError::MathOverflow));
        assert_eq!(submit(1, u64::MAX, NOW), Err(GridError::ReadingOutOfRange));
        assert_eq!(submit(1, 999, NOW), Err(GridError::RegisterRegression));
        // A quarter of an hour at u64::MAX watts is a quarter of u64::MAX watt-hours.
        let most = u64::MAX / 4;
        let reading = |total_production| Reading {
            total_production,
            total_consumption: most,
            timestamp: NOW,
        };
        let registry = registry(u64::MAX);
        assert_eq!(reading(most).apply(&meter(1), &registry, NOW), Ok(()));
        assert_eq!(
            reading(most + 1_001).apply(&meter(1), &registry, NOW),
            Err(GridError::ReadingOutOfRange)
        );
    }
}
