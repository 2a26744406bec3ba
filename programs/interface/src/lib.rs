//! What the GridTokenX programs and their clients agree on: account layouts, instruction and event
//! discriminators, error numbers. Pure data, little-endian, the encoding of Anchor and Borsh.
#![cfg_attr(any(target_os = "solana", target_arch = "bpf"), no_std)]

pub mod discriminator;
pub mod error;
pub mod event;
pub mod instruction;
pub mod key;
pub mod state;

pub use error::{GridError, Result};
pub use key::Key;

/// GRID base units in one watt-hour: the mint has 9 decimals and 1 GRID is 1 kWh.
pub const GRID_PER_WATT_HOUR: u32 = 1_000_000;

/// GRID base units in one kilowatt-hour; prices are µGRX per kilowatt-hour.
pub const GRID_PER_KILOWATT_HOUR: u32 = 1_000_000_000;

pub const GRID_DECIMALS: u8 = 9;
pub const GRX_DECIMALS: u8 = 6;

/// The longest meter id: it is one seed of an address, and a seed has at most 32 bytes.
pub const METER_ID_MAX: usize = 32;
