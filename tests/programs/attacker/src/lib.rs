//! What a hostile program can try. Instruction data: the way (u8), then its arguments.
#![cfg_attr(any(target_os = "solana", target_arch = "bpf"), no_std)]

use gridtokenx_interface::instruction::energy_token::MINT_FROM_PRODUCTION;
use gridtokenx_runtime::address::Seeds;
use gridtokenx_runtime::cpi::{invoke, READ, SIGN, WRITE};
use gridtokenx_runtime::syscalls::{sol_log_, sol_log_data, sol_memcpy_, Slice};
use gridtokenx_runtime::{Args, Context, GridError, Result};

/// Calls `mint_from_production`; the registry's account does not sign.
const MINT_UNSIGNED: u8 = 0;
/// The account is called a signer, without a signature: the runtime itself refuses that.
const MINT_FORGED: u8 = 1;
/// The account is this program's own address, which does sign.
const MINT_BY_OWN_ADDRESS: u8 = 2;
/// Fills an account of this program with any bytes.
const WRITE_DATA: u8 = 3;
/// Logs any bytes as events are logged.
const LOG_DATA: u8 = 4;
/// Passes an instruction of no arguments but its discriminator on to another program.
const PASS_ON: u8 = 5;
/// Logs any text.
const LOG_TEXT: u8 = 6;

gridtokenx_runtime::entrypoint!(process);

fn process(context: &Context) -> Result<()> {
    let Some((way, arguments)) = context.data.split_first() else {
        return Err(GridError::InvalidInstruction);
    };
    match *way {
        MINT_UNSIGNED | MINT_FORGED | MINT_BY_OWN_ADDRESS => mint(context, *way, arguments),
        WRITE_DATA => write(context, arguments),
        LOG_DATA => log_data(arguments),
        LOG_TEXT => log_text(arguments),
        PASS_ON => pass_on(context, arguments),
        _ => Err(GridError::InvalidInstruction),
    }
}

#[repr(C)]
struct Call {
    discriminator: u64,
    amount: u64,
}

/// Tries to mint GRID without being the registry. Argument: the amount (u64).
///
/// 0. `[]` whom to pass as the registry: the real one, or this program's `["registry"]`
/// 1. `[]` the energy token's configuration
/// 2. `[WRITE]` GRID mint
/// 3. `[WRITE]` destination
/// 4. `[]` token program
/// 5. `[]` energy token program
#[inline(never)]
fn mint(context: &Context, way: u8, arguments: &[u8]) -> Result<()> {
    let mut args = Args::new(arguments);
    let amount = args.u64()?;
    args.end()?;
    let [registry, config, mint, destination, token_program, energy_token, ..] = context.accounts
    else {
        return Err(GridError::NotEnoughAccounts);
    };
    let call = Call {
        discriminator: MINT_FROM_PRODUCTION,
        amount,
    };
    // SAFETY: two words, sixteen initialised bytes.
    let data = unsafe { &*(&raw const call as *const [u8; 16]) };
    let with = |access| {
        [
            (registry, access),
            (config, READ),
            (mint, WRITE),
            (destination, WRITE),
            (token_program, READ),
        ]
    };
    let seeds = Seeds([&b"registry"[..]]);
    match way {
        MINT_UNSIGNED => invoke(energy_token.key(), with(READ), data, None),
        MINT_FORGED => invoke(energy_token.key(), with(SIGN), data, None),
        _ => {
            let bump = [seeds.require_address(registry, &context.program_id)?];
            invoke(
                energy_token.key(),
                with(SIGN),
                data,
                Some(&seeds.signer(&bump)),
            );
        }
    }
    Ok(())
}

/// 0. `[WRITE]` the account, whose data has as many bytes as the argument
#[inline(never)]
fn write(context: &Context, bytes: &[u8]) -> Result<()> {
    let [account, ..] = context.accounts else {
        return Err(GridError::NotEnoughAccounts);
    };
    if account.data_len() != bytes.len() as u64 {
        return Err(GridError::InvalidAccountData);
    }
    // SAFETY: the account's data has that many bytes, and the instruction's data is elsewhere.
    unsafe { sol_memcpy_(account.data(), bytes.as_ptr(), bytes.len() as u64) };
    Ok(())
}

fn log_data(bytes: &[u8]) -> Result<()> {
    // SAFETY: one field, whose pointer is good for its length.
    unsafe { sol_log_data(&Slice::new(bytes), 1) };
    Ok(())
}

fn log_text(bytes: &[u8]) -> Result<()> {
    // SAFETY: the pointer is good for the length; the runtime refuses what is no text.
    unsafe { sol_log_(bytes.as_ptr(), bytes.len() as u64) };
    Ok(())
}

/// 0. `[]` the program
/// 1. `[]` or `[SIGNER]` …, seven accounts as cancel_order has them
#[inline(never)]
fn pass_on(context: &Context, data: &[u8]) -> Result<()> {
    let [program, owner, market, token_program, order, vault, refund_account, rent_payer, ..] =
        context.accounts
    else {
        return Err(GridError::NotEnoughAccounts);
    };
    let accounts = [
        (owner, SIGN),
        (market, READ),
        (token_program, READ),
        (order, WRITE),
        (vault, WRITE),
        (refund_account, WRITE),
        (rent_payer, WRITE),
    ];
    invoke(program.key(), accounts, data, None);
    Ok(())
}
