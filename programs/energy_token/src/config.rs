use gridtokenx_interface::state::TokenConfig;
use gridtokenx_interface::Key;
use gridtokenx_runtime::{require, Account, Result};

pub const CONFIG_SEED: &[u8] = b"token_config";
pub const MINT_SEED: &[u8] = b"mint";

/// The configuration for its admin, in maintenance too.
#[inline(always)]
pub fn load_for_admin<'a>(
    account: &Account<'a>,
    admin: &Account,
    program: &Key,
) -> Result<&'a TokenConfig> {
    admin.require_signer()?;
    let config = account.load_mut::<TokenConfig>(program)?;
    require!(config.admin.get() == *admin.key(), Unauthorized);
    Ok(config)
}

/// The configuration, unless the program is in maintenance.
#[inline(always)]
pub fn load_open<'a>(account: &Account<'a>, program: &Key) -> Result<&'a TokenConfig> {
    let config = account.load::<TokenConfig>(program)?;
    require!(config.maintenance.get() == 0, MaintenanceMode);
    Ok(config)
}
