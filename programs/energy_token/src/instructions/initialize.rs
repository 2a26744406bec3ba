use core::cell::Cell;

use gridtokenx_interface::state::{AccountLayout, TokenConfig};
use gridtokenx_interface::{Key, GRID_DECIMALS};
use gridtokenx_runtime::address::Seeds;
use gridtokenx_runtime::{loader, require, system, token, Args, Context, GridError, Result};

use crate::config::{CONFIG_SEED, MINT_SEED};

/// Creates the GRID mint and names the registry's address, for ever. The program's upgrade
/// authority signs and becomes admin.
///
/// 0. `[WRITE, SIGNER]` payer of the rent
/// 1. `[SIGNER]` admin
/// 2. `[]` the program's ProgramData account
/// 3. `[WRITE]` configuration, `["token_config"]`
/// 4. `[WRITE]` GRID mint, `["mint"]`
/// 5. `[]` system program
/// 6. `[]` token program
#[inline(never)]
pub fn initialize(context: &Context, mut args: Args) -> Result<()> {
    let registry = args.key()?;
    args.end()?;
    require!(!registry.is_zero(), InvalidConfiguration);
    let [payer, admin, program_data, config, mint, system_program, token_program, ..] =
        context.accounts
    else {
        return Err(GridError::NotEnoughAccounts);
    };
    let program = &context.program_id;
    payer.require_signer()?;
    payer.require_writable()?;
    system_program.require_program(&Key::SYSTEM_PROGRAM)?;
    token_program.require_program(&Key::TOKEN_PROGRAM)?;
    loader::require_upgrade_authority(admin, program_data, program)?;

    let config_seeds = Seeds([CONFIG_SEED]);
    let bump = config_seeds.require_address(config, program)?;
    system::require_vacant(config, program)?;
    let space = size_of::<TokenConfig>() as u64;
    system::create(payer, config, space, program, &config_seeds.signer(&[bump]))?;

    let mint_seeds = Seeds([MINT_SEED]);
    let mint_bump = mint_seeds.require_address(mint, program)?;
    system::require_vacant(mint, program)?;
    let owner = &Key::TOKEN_PROGRAM;
    system::create(payer, mint, token::MINT_LEN, owner, &mint_seeds.signer(&[mint_bump]))?;
    token::initialize_mint(mint, GRID_DECIMALS, config.key());

    config.init(TokenConfig {
        discriminator: TokenConfig::DISCRIMINATOR,
        admin: *admin.key(),
        mint: *mint.key(),
        registry,
        maintenance: Cell::new(0),
        bump,
        mint_bump,
        padding: [0; 5],
    })
}
