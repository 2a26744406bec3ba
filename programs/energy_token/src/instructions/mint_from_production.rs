use gridtokenx_interface::Key;
use gridtokenx_runtime::address::Seeds;
use gridtokenx_runtime::{require, token, Args, Context, GridError, Result};

use crate::config::{self, CONFIG_SEED};

/// Mints what a meter has measured. Called by the registry, whose address signs; nobody else can.
///
/// 0. `[SIGNER]` the registry's address
/// 1. `[]` configuration
/// 2. `[WRITE]` GRID mint
/// 3. `[WRITE]` destination, a GRID account
/// 4. `[]` token program
#[inline(never)]
pub fn mint_from_production(context: &Context, mut args: Args) -> Result<()> {
    let amount = args.u64()?;
    args.end()?;
    let [registry, config_account, mint, destination, token_program, ..] = context.accounts else {
        return Err(GridError::NotEnoughAccounts);
    };
    token_program.require_program(&Key::TOKEN_PROGRAM)?;
    let config = config::load_open(config_account, &context.program_id)?;
    require!(*registry.key() == config.registry && registry.is_signer(), Unauthorized);
    require!(amount >= 1, AmountMismatch);
    mint.require_key(&config.mint)?;
    mint.require_writable()?;
    token::require_account_of_mint(destination, &config.mint)?;
    destination.require_writable()?;

    let bump = [config.bump];
    let signer = Seeds([CONFIG_SEED]).signer(&bump);
    token::mint_to(mint, destination, config_account, amount, &signer);
    Ok(())
}
