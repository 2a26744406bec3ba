use gridtokenx_interface::state::TokenConfig;
use gridtokenx_interface::Key;
use gridtokenx_runtime::{require, Account, Result};

pub const CONFIG_SEED: &[u8] = b"token_config";
pub const MINT_SEED: &[u8] = b"mint";

/// The configuration, unless the program is in maintenance.
#[inline(always)]
pub fn load_open<'a>(account: &Account<'a>, program: &Key) -> Result<&'a TokenConfig> {
    let config = account.load::<TokenConfig>(program)?;
    require!(config.maintenance.get() == 0, MaintenanceMode);
    Ok(config)
}
