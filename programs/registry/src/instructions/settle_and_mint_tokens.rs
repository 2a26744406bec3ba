use gridtokenx_interface::instruction::energy_token::MINT_FROM_PRODUCTION;
use gridtokenx_interface::state::{MeterAccount, Registry};
use gridtokenx_interface::{Key, GRID_PER_WATT_HOUR};
use gridtokenx_runtime::address::{Seeds, Signer};
use gridtokenx_runtime::cpi::{invoke, READ, SIGN, WRITE};
use gridtokenx_runtime::math::Wide;
use gridtokenx_runtime::{clock, require, token, Account, Args, Context, GridError, Result};

use crate::config::{self, REGISTRY_SEED};
use crate::settlement::settle;

const PAIR: usize = 2;

/// Turns the unsettled net generation of meters into GRID. Anyone may call: the amount follows from
/// the meter, and it can go to its owner only. Meters that are no longer active are settled too.
///
/// 0. `[]` registry
/// 1. `[]` the energy token's configuration
/// 2. `[WRITE]` GRID mint
/// 3. `[]` energy token program
/// 4. `[]` token program
///
/// Then for each meter:
///
/// - `[WRITE]` meter
/// - `[WRITE]` a GRID account of its owner
#[inline(never)]
pub fn settle_and_mint_tokens(context: &Context, args: Args) -> Result<()> {
    args.end()?;
    let [registry_account, token_config, mint, energy_token_program, token_program, pairs @ ..] =
        context.accounts
    else {
        return Err(GridError::NotEnoughAccounts);
    };
    require!(!pairs.is_empty(), NotEnoughAccounts);
    token_program.require_program(&Key::TOKEN_PROGRAM)?;
    let registry = config::load_open(registry_account, &context.program_id)?;
    energy_token_program.require_program(&registry.energy_token)?;
    mint.require_writable()?;

    let bump = [registry.bump];
    let minter = Minter {
        registry_account,
        registry,
        token_config,
        mint,
        token_program,
        signer: Seeds([REGISTRY_SEED]).signer(&bump),
    };
    let now = clock::now();
    for pair in pairs.chunks(PAIR) {
        let [meter, destination] = pair else {
            return Err(GridError::NotEnoughAccounts);
        };
        let meter = meter.load_mut::<MeterAccount>(&context.program_id)?;
        token::require_token_account(destination, &meter.owner)?;
        destination.require_writable()?;
        let energy = settle(meter, now, true)?;
        minter.mint(destination, energy)?;
    }
    Ok(())
}

struct Minter<'a, 'b> {
    registry_account: &'b Account<'a>,
    registry: &'b Registry,
    token_config: &'b Account<'a>,
    mint: &'b Account<'a>,
    token_program: &'b Account<'a>,
    signer: Signer<'b>,
}

/// Instruction data of mint_from_production.
#[repr(C)]
struct MintFromProduction {
    discriminator: u64,
    amount: u64,
}

impl Minter<'_, '_> {
    /// `energy` in Wh.
    #[inline(always)]
    fn mint(&self, destination: &Account, energy: u64) -> Result<()> {
        let amount = Wide::product(energy, GRID_PER_WATT_HOUR as u64).fit()?;
        let data = MintFromProduction { discriminator: MINT_FROM_PRODUCTION, amount };
        // SAFETY: two words, sixteen initialised bytes.
        let bytes = unsafe { &*(&raw const data as *const [u8; 16]) };
        let accounts = [
            (self.registry_account, SIGN),
            (self.token_config, READ),
            (self.mint, WRITE),
            (destination, WRITE),
            (self.token_program, READ),
        ];
        invoke(&self.registry.energy_token, accounts, bytes, Some(&self.signer));
        Ok(())
    }
}
