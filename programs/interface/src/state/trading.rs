use core::cell::Cell;

use super::layout;
use crate::Key;

pub const SIDE_BUY: u8 = 0;
pub const SIDE_SELL: u8 = 1;
pub const MATCHERS_MAX: usize = 4;

/// PDA `["market"]`; the token authority of both vaults, which are PDAs `["escrow", mint]`.
/// Prices are µGRX per kWh. Unused matchers are zero.
#[repr(C)]
pub struct Market {
    pub discriminator: u64,
    pub admin: Cell<Key>,
    pub grid_mint: Key,
    pub grx_mint: Key,
    pub grid_vault: Key,
    pub grx_vault: Key,
    pub fee_account: Cell<Key>,
    pub matchers: [Cell<Key>; MATCHERS_MAX],
    pub min_price: Cell<u64>,
    pub max_price: Cell<u64>,
    pub fee_bps: Cell<u16>,
    pub matcher_count: Cell<u8>,
    pub maintenance: Cell<u8>,
    pub bump: u8,
    pub padding: [u8; 3],
}

layout!(Market, 352, {
    admin: 8, grid_mint: 40, grx_mint: 72, grid_vault: 104, grx_vault: 136, fee_account: 168,
    matchers: 200, min_price: 328, max_price: 336, fee_bps: 344, matcher_count: 346,
    maintenance: 347, bump: 348, padding: 349,
});

/// PDA `["order", owner, order_id]`. An order that exists is active: a filled, cancelled, expired
/// or released one is closed. `amount` and `filled` are GRID base units, `price` is the limit,
/// `escrowed` is what of it is still in the vault: GRID base units of a seller, µGRX of a buyer.
#[repr(C)]
pub struct Order {
    pub discriminator: u64,
    pub owner: Key,
    pub rent_payer: Key,
    pub order_id: u64,
    pub amount: u64,
    pub filled: Cell<u64>,
    pub price: u64,
    pub escrowed: Cell<u64>,
    pub created_at: i64,
    pub expires_at: i64,
    pub fee_bps: u16,
    pub side: u8,
    pub bump: u8,
    pub padding: [u8; 4],
}

layout!(Order, 136, {
    owner: 8, rent_payer: 40, order_id: 72, amount: 80, filled: 88, price: 96, escrowed: 104,
    created_at: 112, expires_at: 120, fee_bps: 128, side: 130, bump: 131, padding: 132,
});

impl Order {
    #[inline(always)]
    pub fn is_full(&self) -> bool {
        self.filled.get() == self.amount
    }
}

/// PDA `["settlements", page]`: bit `id & 0xffff` of page `id >> 16` says that the settlement has
/// been executed; bits of a byte count from the lowest.
#[repr(C)]
pub struct SettlementPage {
    pub discriminator: u64,
    pub page: u64,
    pub bitmap: [Cell<u8>; 8192],
}

layout!(SettlementPage, 8208, { page: 8, bitmap: 16 });
