use core::cell::Cell;

use gridtokenx_interface::event::UserRegistered;
use gridtokenx_interface::state::{AccountLayout, UserAccount, USER_TYPE_PROSUMER};
use gridtokenx_interface::Key;
use gridtokenx_runtime::address::Seeds;
use gridtokenx_runtime::{clock, log, require, system, Args, Context, GridError, Result};

use crate::config::{self, USER_SEED};

/// Registers a wallet as consumer (0) or prosumer (1).
///
/// 0. `[WRITE, SIGNER]` registrar, who pays the rent
/// 1. `[]` registry
/// 2. `[]` wallet
/// 3. `[WRITE]` user, `["user", wallet]`
/// 4. `[]` system program
#[inline(never)]
pub fn register_user(context: &Context, mut args: Args) -> Result<()> {
    let user_type = args.u8()?;
    args.end()?;
    require!(user_type <= USER_TYPE_PROSUMER, InvalidInstruction);
    let [registrar, registry, wallet, user, system_program, ..] = context.accounts else {
        return Err(GridError::NotEnoughAccounts);
    };
    let program = &context.program_id;
    registrar.require_signer()?;
    registrar.require_writable()?;
    system_program.require_program(&Key::SYSTEM_PROGRAM)?;
    let registry = config::load_open(registry, program)?;
    require!(registry.registrar.get() == *registrar.key(), Unauthorized);

    let seeds = Seeds([USER_SEED, wallet.key().as_bytes()]);
    let bump = seeds.require_address(user, program)?;
    system::require_vacant(user, program)?;
    let space = size_of::<UserAccount>() as u64;
    system::create(registrar, user, space, program, &seeds.signer(&[bump]))?;
    let timestamp = clock::now();
    user.init(UserAccount {
        discriminator: UserAccount::DISCRIMINATOR,
        wallet: *wallet.key(),
        registered_at: timestamp,
        meter_count: Cell::new(0),
        user_type,
        bump,
        padding: [0; 2],
    })?;
    log::emit(UserRegistered { wallet: *wallet.key(), user_type, timestamp });
    Ok(())
}
