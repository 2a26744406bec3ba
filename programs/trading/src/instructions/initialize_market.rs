use core::cell::Cell;

use gridtokenx_interface::state::{AccountLayout, Market};
use gridtokenx_interface::{Key, GRID_DECIMALS, GRX_DECIMALS};
use gridtokenx_runtime::address::Seeds;
use gridtokenx_runtime::{loader, system, token};
use gridtokenx_runtime::{Account, Args, Context, GridError, Result};

use crate::market::{self, Terms, MARKET_SEED, VAULT_SEED};

/// Creates the market and its two vaults. The program's upgrade authority signs and becomes admin.
///
/// 0. `[WRITE, SIGNER]` payer of the rent
/// 1. `[SIGNER]` admin
/// 2. `[]` the program's ProgramData account
/// 3. `[WRITE]` market, `["market"]`
/// 4. `[]` GRID mint
/// 5. `[]` GRX mint
/// 6. `[WRITE]` GRID vault, `["escrow", GRID mint]`
/// 7. `[WRITE]` GRX vault, `["escrow", GRX mint]`
/// 8. `[]` fee account, a GRX account
/// 9. `[]` system program
/// 10. `[]` token program
#[inline(never)]
pub fn initialize_market(context: &Context, args: Args) -> Result<()> {
    let terms = Terms::read(args)?;
    #[rustfmt::skip]
    let [
        payer, admin, program_data, market, grid_mint, grx_mint, grid_vault, grx_vault,
        fee_account, system_program, token_program, ..
    ] = context.accounts else {
        return Err(GridError::NotEnoughAccounts);
    };
    let program = &context.program_id;
    payer.require_signer()?;
    payer.require_writable()?;
    system_program.require_program(&Key::SYSTEM_PROGRAM)?;
    token_program.require_program(&Key::TOKEN_PROGRAM)?;
    loader::require_upgrade_authority(admin, program_data, program)?;

    token::require_mint(grid_mint, GRID_DECIMALS)?;
    token::require_mint(grx_mint, GRX_DECIMALS)?;
    market::require_fee_account(fee_account, market.key(), grx_mint.key())?;

    let seeds = Seeds([MARKET_SEED]);
    let bump = seeds.require_address(market, program)?;
    system::require_vacant(market, program)?;
    let space = size_of::<Market>() as u64;
    system::create(payer, market, space, program, &seeds.signer(&[bump]))?;
    create_vault(context, payer, grid_vault, grid_mint, market.key())?;
    create_vault(context, payer, grx_vault, grx_mint, market.key())?;

    market.init(Market {
        discriminator: Market::DISCRIMINATOR,
        admin: Cell::new(*admin.key()),
        grid_mint: *grid_mint.key(),
        grx_mint: *grx_mint.key(),
        grid_vault: *grid_vault.key(),
        grx_vault: *grx_vault.key(),
        fee_account: Cell::new(*fee_account.key()),
        matchers: terms.matchers.map(Cell::new),
        min_price: Cell::new(terms.min_price),
        max_price: Cell::new(terms.max_price),
        fee_bps: Cell::new(terms.fee_bps),
        matcher_count: Cell::new(terms.matcher_count),
        maintenance: Cell::new(0),
        bump,
        padding: [0; 3],
    })
}

/// A token account at an address of ours, which the market alone can move.
#[inline(never)]
fn create_vault(
    context: &Context,
    payer: &Account,
    vault: &Account,
    mint: &Account,
    market: &Key,
) -> Result<()> {
    let seeds = Seeds([VAULT_SEED, mint.key().as_bytes()]);
    let bump = seeds.require_address(vault, &context.program_id)?;
    system::require_vacant(vault, &context.program_id)?;
    let owner = &Key::TOKEN_PROGRAM;
    system::create(payer, vault, token::ACCOUNT_LEN, owner, &seeds.signer(&[bump]))?;
    token::initialize_account(vault, mint, market);
    Ok(())
}
