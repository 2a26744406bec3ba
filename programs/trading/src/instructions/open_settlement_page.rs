use gridtokenx_interface::state::{AccountLayout, SettlementPage};
use gridtokenx_interface::Key;
use gridtokenx_runtime::address::Seeds;
use gridtokenx_runtime::{require, system, Args, Context, GridError, Result};

use crate::market;
use crate::settlements::{PAGE_MAX, PAGE_SEED};

/// Creates the page for 65,536 settlement ids; anyone may pay for it.
///
/// 0. `[WRITE, SIGNER]` payer of the rent
/// 1. `[]` market
/// 2. `[WRITE]` page, `["settlements", page]`
/// 3. `[]` system program
#[inline(never)]
pub fn open_settlement_page(context: &Context, mut args: Args) -> Result<()> {
    let number = args.u64()?;
    args.end()?;
    require!(number <= PAGE_MAX, InvalidInstruction);
    let [payer, market, page, system_program, ..] = context.accounts else {
        return Err(GridError::NotEnoughAccounts);
    };
    let program = &context.program_id;
    payer.require_signer()?;
    payer.require_writable()?;
    system_program.require_program(&Key::SYSTEM_PROGRAM)?;
    market::load_open(market, program)?;

    let number_bytes = number.to_le_bytes();
    let seeds = Seeds([PAGE_SEED, &number_bytes]);
    let bump = seeds.require_address(page, program)?;
    system::require_vacant(page, program)?;
    let space = size_of::<SettlementPage>() as u64;
    system::create(payer, page, space, program, &seeds.signer(&[bump]))?;
    page.init_words::<SettlementPage>([SettlementPage::DISCRIMINATOR, number])
}
