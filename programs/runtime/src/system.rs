//! New accounts at program derived addresses.

use crate::address::Signer;
use crate::cpi::{invoke, WRITE_SIGN};
use crate::{rent, Account, GridError, Key, Result};

const CREATE_ACCOUNT: u32 = 0;
const ASSIGN: u32 = 1;
const TRANSFER: u32 = 2;
const ALLOCATE: u32 = 8;

#[repr(C, packed)]
struct CreateAccount {
    tag: u32,
    lamports: u64,
    space: u64,
    owner: Key,
}

#[repr(C, packed)]
struct Amount {
    tag: u32,
    value: u64,
}

#[repr(C, packed)]
struct Assign {
    tag: u32,
    owner: Key,
}

/// # Safety
/// `T` is packed, so that all its bytes are initialised.
#[inline(always)]
unsafe fn bytes<T>(value: &T) -> &[u8] {
    // SAFETY: by the caller's promise.
    unsafe { core::slice::from_raw_parts(value as *const T as *const u8, size_of::<T>()) }
}

/// Refuses an address that is taken: AlreadyInitialized when it is ours, InvalidAccountOwner else.
#[inline(always)]
pub fn require_vacant(account: &Account, program: &Key) -> Result<()> {
    account.require_writable()?;
    if account.is_owned_by(&Key::SYSTEM_PROGRAM) {
        return Ok(());
    }
    if account.is_owned_by(program) {
        return Err(GridError::AlreadyInitialized);
    }
    Err(GridError::InvalidAccountOwner)
}

/// Creates the account at the signer's address, its rent paid by `payer`. Anyone can send lamports
/// to an address beforehand, which makes the system program refuse to create it in one step; then
/// the missing rent is sent and space and owner are given one after the other.
#[inline(never)]
pub fn create(
    payer: &Account,
    account: &Account,
    space: u64,
    owner: &Key,
    signer: &Signer,
) -> Result<()> {
    let minimum = rent::exempt_minimum(space)?;
    if account.lamports() == 0 {
        let data = CreateAccount { tag: CREATE_ACCOUNT, lamports: minimum, space, owner: *owner };
        let accounts = [(payer, WRITE_SIGN), (account, WRITE_SIGN)];
        // SAFETY: packed.
        invoke(&Key::SYSTEM_PROGRAM, accounts, unsafe { bytes(&data) }, Some(signer));
    } else {
        create_at_funded_address(
            payer,
            account,
            &CreateAccount { tag: 0, lamports: minimum, space, owner: *owner },
            signer,
        );
    }
    Ok(())
}

#[cold]
#[inline(never)]
fn create_at_funded_address(
    payer: &Account,
    account: &Account,
    wanted: &CreateAccount,
    signer: &Signer,
) {
    let program = &Key::SYSTEM_PROGRAM;
    let missing = wanted.lamports.saturating_sub(account.lamports());
    if missing > 0 {
        let data = Amount { tag: TRANSFER, value: missing };
        let accounts = [(payer, WRITE_SIGN), (account, crate::cpi::WRITE)];
        // SAFETY: packed.
        invoke(program, accounts, unsafe { bytes(&data) }, None);
    }
    let data = Amount { tag: ALLOCATE, value: wanted.space };
    // SAFETY: packed.
    invoke(program, [(account, WRITE_SIGN)], unsafe { bytes(&data) }, Some(signer));
    let data = Assign { tag: ASSIGN, owner: wanted.owner };
    // SAFETY: packed.
    invoke(program, [(account, WRITE_SIGN)], unsafe { bytes(&data) }, Some(signer));
}
