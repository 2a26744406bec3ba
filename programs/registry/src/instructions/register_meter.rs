use core::cell::Cell;

use gridtokenx_interface::event::MeterRegistered;
use gridtokenx_interface::state::{AccountLayout, MeterAccount, UserAccount};
use gridtokenx_interface::{Key, METER_ID_MAX};
use gridtokenx_runtime::address::Seeds;
use gridtokenx_runtime::{clock, log, require, system, Args, Context, GridError, Result};

use crate::config::{self, METER_SEED};

/// Ten years, seconds. The time since its installation decides how large a meter's first reading
/// may be, so it must not be without bounds.
const METER_AGE_MAX: i64 = 315_360_000;

/// Registers a meter of a registered user. `device` is the key that signs its readings off chain;
/// `installed_at`, a time not in the future nor longer ago than a meter lasts, is when its
/// registers began at zero.
///
/// 0. `[WRITE, SIGNER]` registrar, who pays the rent
/// 1. `[]` registry
/// 2. `[WRITE]` the owner's user account
/// 3. `[WRITE]` meter, `["meter", meter_id]`
/// 4. `[]` system program
#[inline(never)]
pub fn register_meter(context: &Context, mut args: Args) -> Result<()> {
    let (meter_id, device, installed_at) = (args.bytes()?, args.key()?, args.i64()?);
    args.end()?;
    let padded_id = padded(meter_id)?;
    let [registrar, registry, user, meter_account, system_program, ..] = context.accounts else {
        return Err(GridError::NotEnoughAccounts);
    };
    let program = &context.program_id;
    registrar.require_signer()?;
    registrar.require_writable()?;
    system_program.require_program(&Key::SYSTEM_PROGRAM)?;
    let registry = config::load_open(registry, program)?;
    require!(registry.registrar.get() == *registrar.key(), Unauthorized);
    let user = user.load_mut::<UserAccount>(program)?;
    let now = clock::now();
    require_installation(installed_at, now)?;

    let seeds = Seeds([METER_SEED, meter_id]);
    let bump = seeds.require_address(meter_account, program)?;
    system::require_vacant(meter_account, program)?;
    let space = size_of::<MeterAccount>() as u64;
    system::create(registrar, meter_account, space, program, &seeds.signer(&[bump]))?;
    meter_account.init(MeterAccount {
        discriminator: MeterAccount::DISCRIMINATOR,
        owner: user.wallet,
        device,
        meter_id: padded_id,
        total_production: Cell::new(0),
        total_consumption: Cell::new(0),
        settled_net_generation: Cell::new(0),
        last_reading_at: Cell::new(installed_at),
        registered_at: now,
        readings: Cell::new(0),
        meter_id_len: meter_id.len() as u8,
        active: Cell::new(1),
        bump,
        padding: [0; 5],
    })?;
    let meter_count = user.meter_count.get().checked_add(1).ok_or(GridError::MathOverflow)?;
    user.meter_count.set(meter_count);
    let meter = meter_account.load::<MeterAccount>(program)?;
    log::emit_for_meter(meter, MeterRegistered { owner: user.wallet, device, timestamp: now });
    Ok(())
}

#[inline(always)]
fn require_installation(installed_at: i64, now: i64) -> Result<()> {
    require!(installed_at <= now, ReadingInFuture);
    // Not negative, so the difference of two accepted times never overflows.
    require!(installed_at >= 0 && now - installed_at <= METER_AGE_MAX, InvalidConfiguration);
    Ok(())
}

/// 1 to 32 of `A–Z a–z 0–9 - _ .`, padded with zeros: every client writes such an id in one way.
#[inline(always)]
fn padded(id: &[u8]) -> Result<[u8; METER_ID_MAX]> {
    require!(!id.is_empty() && id.len() <= METER_ID_MAX, InvalidMeterId);
    let mut padded = [0; METER_ID_MAX];
    for (slot, &c) in padded.iter_mut().zip(id) {
        require!(c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.'), InvalidMeterId);
        *slot = c;
    }
    Ok(padded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meter_is_at_most_ten_years_old() {
        let now = 1_800_000_000;
        assert_eq!(require_installation(now, now), Ok(()));
        assert_eq!(require_installation(now + 1, now), Err(GridError::ReadingInFuture));
        assert_eq!(require_installation(now - METER_AGE_MAX, now), Ok(()));
        for wrong in [now - METER_AGE_MAX - 1, 0, -1, i64::MIN] {
            assert_eq!(require_installation(wrong, now), Err(GridError::InvalidConfiguration));
        }
        assert_eq!(require_installation(0, METER_AGE_MAX), Ok(()));
        assert_eq!(require_installation(-1, 0), Err(GridError::InvalidConfiguration));
    }

    #[test]
    fn a_meter_id_has_1_to_32_plain_characters() {
        assert_eq!(padded(b"A-z_0.9").map(|id| id[6..8] == *b"9\0"), Ok(true));
        assert_eq!(padded(&[b'm'; 32]), Ok([b'm'; 32]));
        for wrong in [&b""[..], &[b'm'; 33], b"a b", b"a/b", b"a\0", "mètre".as_bytes()] {
            assert_eq!(padded(wrong), Err(GridError::InvalidMeterId));
        }
    }
}
