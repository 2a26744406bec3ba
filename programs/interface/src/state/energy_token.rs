use core::cell::Cell;

use super::layout;
use crate::Key;

/// PDA `["token_config"]`; the authority of the GRID mint, which is PDA `["mint"]`. `registry` is
/// the address whose signature alone mints.
#[repr(C)]
pub struct TokenConfig {
    pub discriminator: u64,
    pub admin: Key,
    pub mint: Key,
    pub registry: Key,
    pub maintenance: Cell<u8>,
    pub bump: u8,
    pub mint_bump: u8,
    pub padding: [u8; 5],
}

layout!(TokenConfig, 112, {
    admin: 8, mint: 40, registry: 72, maintenance: 104, bump: 105, mint_bump: 106, padding: 107,
});
