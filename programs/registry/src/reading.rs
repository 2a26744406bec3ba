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
