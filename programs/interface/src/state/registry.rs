use core::cell::Cell;

use super::layout;
use crate::{Key, METER_ID_MAX};

pub const USER_TYPE_CONSUMER: u8 = 0;
pub const USER_TYPE_PROSUMER: u8 = 1;

/// PDA `["registry"]`. `energy_token` is a program id.
#[repr(C)]
pub struct Registry {
    pub discriminator: u64,
    pub admin: Cell<Key>,
    pub registrar: Cell<Key>,
    pub oracle: Cell<Key>,
    pub energy_token: Key,
    pub min_reading_interval_s: Cell<u64>,
    pub max_power_w: Cell<u64>,
    pub max_ahead_s: Cell<u64>,
    pub maintenance: Cell<u8>,
    pub bump: u8,
    pub padding: [u8; 6],
}

layout!(Registry, 168, {
    admin: 8, registrar: 40, oracle: 72, energy_token: 104, min_reading_interval_s: 136,
    max_power_w: 144, max_ahead_s: 152, maintenance: 160, bump: 161, padding: 162,
});

/// PDA `["user", wallet]`.
#[repr(C)]
pub struct UserAccount {
    pub discriminator: u64,
    pub wallet: Key,
    pub registered_at: i64,
    pub meter_count: Cell<u32>,
    pub user_type: u8,
    pub bump: u8,
    pub padding: [u8; 2],
}

layout!(UserAccount, 56, {
    wallet: 8, registered_at: 40, meter_count: 48, user_type: 52, bump: 53, padding: 54,
});

/// PDA `["meter", meter_id]`. Registers are cumulative watt-hours since installation;
/// `settled_net_generation` is how much of production less consumption became tokens or was sold
/// elsewhere, and never falls. `last_reading_at` is the time of installation before the first
/// reading.
#[repr(C)]
pub struct MeterAccount {
    pub discriminator: u64,
    pub owner: Key,
    pub device: Key,
    pub meter_id: [u8; METER_ID_MAX],
    pub total_production: Cell<u64>,
    pub total_consumption: Cell<u64>,
    pub settled_net_generation: Cell<u64>,
    pub last_reading_at: Cell<i64>,
    pub registered_at: i64,
    pub readings: Cell<u64>,
    pub meter_id_len: u8,
    pub active: Cell<u8>,
    pub bump: u8,
    pub padding: [u8; 5],
}

layout!(MeterAccount, 160, {
    owner: 8, device: 40, meter_id: 72, total_production: 104, total_consumption: 112,
    settled_net_generation: 120, last_reading_at: 128, registered_at: 136, readings: 144,
    meter_id_len: 152, active: 153, bump: 154, padding: 155,
});

impl MeterAccount {
    /// Net generation not settled yet, Wh; zero while consumption outweighs it.
    pub fn unsettled(&self) -> u64 {
        let net = self.total_production.get().saturating_sub(self.total_consumption.get());
        net.saturating_sub(self.settled_net_generation.get())
    }
}
