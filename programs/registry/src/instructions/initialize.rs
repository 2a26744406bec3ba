use core::cell::Cell;

use gridtokenx_interface::state::{AccountLayout, Registry};
use gridtokenx_interface::Key;
use gridtokenx_runtime::address::Seeds;
use gridtokenx_runtime::{loader, require, system, Args, Context, GridError, Result};

use crate::config::{Limits, REGISTRY_SEED};

/// Creates the registry. The program's upgrade authority signs and becomes admin.
///
/// 0. `[WRITE, SIGNER]` payer of the rent
/// 1. `[SIGNER]` admin
/// 2. `[]` the program's ProgramData account
/// 3. `[WRITE]` registry, `["registry"]`
/// 4. `[]` system program
#[inline(never)]
pub fn initialize(context: &Context, mut args: Args) -> Result<()> {
    let (registrar, oracle, energy_token) = (args.key()?, args.key()?, args.key()?);
    let limits = Limits::read(args)?;
    require!(
        !registrar.is_zero() && !oracle.is_zero() && !energy_token.is_zero(),
        InvalidConfiguration
    );
    let [payer, admin, program_data, registry, system_program, ..] = context.accounts else {
        return Err(GridError::NotEnoughAccounts);
    };
    let program = &context.program_id;
    payer.require_signer()?;
    payer.require_writable()?;
    system_program.require_program(&Key::SYSTEM_PROGRAM)?;
    loader::require_upgrade_authority(admin, program_data, program)?;

    let seeds = Seeds([REGISTRY_SEED]);
    let bump = seeds.require_address(registry, program)?;
    system::require_vacant(registry, program)?;
    let space = size_of::<Registry>() as u64;
    system::create(payer, registry, space, program, &seeds.signer(&[bump]))?;
    registry.init(Registry {
        discriminator: Registry::DISCRIMINATOR,
        admin: Cell::new(*admin.key()),
        registrar: Cell::new(registrar),
        oracle: Cell::new(oracle),
        energy_token,
        min_reading_interval_s: Cell::new(limits.min_reading_interval_s),
        max_power_w: Cell::new(limits.max_power_w),
        max_ahead_s: Cell::new(limits.max_ahead_s),
        maintenance: Cell::new(0),
        bump,
        padding: [0; 6],
    })
}
