use gridtokenx_interface::event::TokensRetired;
use gridtokenx_interface::Key;
use gridtokenx_runtime::{clock, log, require, token, Args, Context, GridError, Result};

use crate::config;

/// Burns GRID of an owner: the energy has been used.
///
/// 0. `[SIGNER]` owner
/// 1. `[]` configuration
/// 2. `[WRITE]` GRID mint
/// 3. `[WRITE]` the owner's GRID account
/// 4. `[]` token program
#[inline(never)]
pub fn retire(context: &Context, mut args: Args) -> Result<()> {
    let amount = args.u64()?;
    args.end()?;
    let [owner, config_account, mint, source, token_program, ..] = context.accounts else {
        return Err(GridError::NotEnoughAccounts);
    };
    owner.require_signer()?;
    token_program.require_program(&Key::TOKEN_PROGRAM)?;
    let config = config::load_open(config_account, &context.program_id)?;
    require!(amount >= 1, AmountMismatch);
    mint.require_key(&config.mint)?;
    mint.require_writable()?;
    token::require_token_account(source, owner.key())?;
    token::require_mint_of(source, &config.mint)?;
    source.require_writable()?;
    token::require_balance(source, amount)?;

    token::burn(source, mint, owner, amount);
    log::emit(TokensRetired { owner: *owner.key(), amount, timestamp: clock::now() });
    Ok(())
}
