//! The registry's own account: who may do what, and the limits of readings.

use gridtokenx_interface::state::Registry;
use gridtokenx_interface::Key;
use gridtokenx_runtime::{require, Account, Args, Result};

pub const REGISTRY_SEED: &[u8] = b"registry";
pub const USER_SEED: &[u8] = b"user";
pub const METER_SEED: &[u8] = b"meter";

/// Longest interval of time in the limits, seconds (136 years): times then never overflow.
const INTERVAL_MAX: u64 = u32::MAX as u64;

/// The registry, unless it is in maintenance.
#[inline(always)]
pub fn load_open<'a>(account: &Account<'a>, program: &Key) -> Result<&'a Registry> {
    let registry = account.load::<Registry>(program)?;
    require!(registry.maintenance.get() == 0, MaintenanceMode);
    Ok(registry)
}

/// The registry for its admin, in maintenance too.
#[inline(always)]
pub fn load_for_admin<'a>(
    account: &Account<'a>,
    admin: &Account,
    program: &Key,
) -> Result<&'a Registry> {
    admin.require_signer()?;
    let registry = account.load_mut::<Registry>(program)?;
    require!(registry.admin.get() == *admin.key(), Unauthorized);
    Ok(registry)
}

/// What a reading may claim.
pub struct Limits {
    pub min_reading_interval_s: u64,
    pub max_power_w: u64,
    pub max_ahead_s: u64,
}

impl Limits {
    /// The last arguments of an instruction.
    #[inline(always)]
    pub fn read(mut args: Args) -> Result<Limits> {
        let limits = Limits {
            min_reading_interval_s: args.u64()?,
            max_power_w: args.u64()?,
            max_ahead_s: args.u64()?,
        };
        args.end()?;
        require!(limits.min_reading_interval_s <= INTERVAL_MAX, InvalidConfiguration);
        require!(limits.max_ahead_s <= INTERVAL_MAX, InvalidConfiguration);
        require!(limits.max_power_w >= 1, InvalidConfiguration);
        Ok(limits)
    }
}
