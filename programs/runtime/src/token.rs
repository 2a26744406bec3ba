//! SPL Token: checks of its accounts, and the calls that the programs make.

use core::mem::offset_of;

use crate::address::{Seeds, Signer};
use crate::cpi::{invoke, READ, SIGN, WRITE};
use crate::{require, Account, Key, Result};

// Layout of a token account: [0] mint  [32] token owner  [64] amount u64 … [108] state u8 …
pub const ACCOUNT_LEN: u64 = 165;
const MINT: usize = 0;
const OWNER: usize = 32;
const AMOUNT: usize = 64;
const STATE: usize = 108;
const STATE_INITIALIZED: u8 = 1;

// Layout of a mint: [0] authority option … [44] decimals u8  [45] initialised u8
// [46] freeze authority option u32 (0: none) …
pub const MINT_LEN: u64 = 82;
const DECIMALS: usize = 44;
const IS_INITIALIZED: usize = 45;
const FREEZE_AUTHORITY: usize = 46;

const TRANSFER: u8 = 3;
const MINT_TO: u8 = 7;
const BURN: u8 = 8;
const INITIALIZE_ACCOUNT_3: u8 = 18;
const INITIALIZE_MINT_2: u8 = 20;

/// A token account of SPL Token proper, initialised and not frozen, with this token owner.
/// Its mint is not looked at: a transfer refuses two mints.
#[inline(always)]
pub fn require_token_account(account: &Account, owner: &Key) -> Result<()> {
    require_token(account)?;
    require!(account.key_at(OWNER) == *owner, InvalidTokenAccount);
    Ok(())
}

/// A token account as in [`require_token_account`], at the address that follows from owner and
/// mint. For instructions that anyone may call: another account of the owner could have been made
/// by the caller, who kept its close authority, or be one that nobody looks into.
#[inline(always)]
pub fn require_associated_account(account: &Account, owner: &Key, mint: &Key) -> Result<()> {
    require_token_account(account, owner)?;
    Seeds([owner.as_bytes(), Key::TOKEN_PROGRAM.as_bytes(), mint.as_bytes()])
        .require_address(account, &Key::ASSOCIATED_TOKEN_PROGRAM)?;
    Ok(())
}

#[inline(always)]
fn require_token(account: &Account) -> Result<()> {
    require!(
        account.is_owned_by(&Key::TOKEN_PROGRAM)
            && account.data_len() == ACCOUNT_LEN
            // SAFETY: inside the 165 bytes.
            && unsafe { *account.data().add(STATE) } == STATE_INITIALIZED,
        InvalidTokenAccount
    );
    Ok(())
}

/// A token account of this mint, whoever owns it.
#[inline(always)]
pub fn require_account_of_mint(account: &Account, mint: &Key) -> Result<()> {
    require_token(account)?;
    require_mint_of(account, mint)
}

/// For an account that has been found to be a token account.
#[inline(always)]
pub fn require_mint_of(account: &Account, mint: &Key) -> Result<()> {
    require!(account.key_at(MINT) == *mint, InvalidTokenAccount);
    Ok(())
}

/// For an account that has been found to be a token account.
#[inline(always)]
pub fn is_token_owner(account: &Account, owner: &Key) -> bool {
    account.key_at(OWNER) == *owner
}

/// For an account that has been found to be a token account.
#[inline(always)]
pub fn require_balance(account: &Account, amount: u64) -> Result<()> {
    require!(account.word(AMOUNT) >= amount, InsufficientBalance);
    Ok(())
}

/// A mint of SPL Token proper with these decimals, whose accounts nobody can freeze: a frozen vault
/// would hold everybody's escrow.
pub fn require_mint(mint: &Account, decimals: u8) -> Result<()> {
    // SAFETY: read only when the 82 bytes are there.
    let matches = mint.is_owned_by(&Key::TOKEN_PROGRAM)
        && mint.data_len() == MINT_LEN
        && unsafe {
            *mint.data().add(DECIMALS) == decimals
                && *mint.data().add(IS_INITIALIZED) == 1
                && *(mint.data().add(FREEZE_AUTHORITY) as *const [u8; 4]) == [0; 4]
        };
    require!(matches, InvalidTokenAccount);
    Ok(())
}

/// Tag and amount, nine bytes; the room before the tag aligns the amount.
#[repr(C)]
struct Movement {
    room: [u8; 7],
    tag: u8,
    amount: u64,
}

impl Movement {
    #[inline(always)]
    fn new(tag: u8, amount: u64) -> Movement {
        Movement { room: [0; 7], tag, amount }
    }

    #[inline(always)]
    fn bytes(&self) -> &[u8] {
        // SAFETY: the last nine of the sixteen bytes, all of them initialised; the pointer is to
        // the whole, since one to the tag would reach no further than the tag.
        unsafe {
            let whole = self as *const Movement as *const u8;
            core::slice::from_raw_parts(whole.add(offset_of!(Movement, tag)), 9)
        }
    }
}

#[inline(never)]
pub fn transfer(
    from: &Account,
    to: &Account,
    authority: &Account,
    amount: u64,
    signer: Option<&Signer>,
) {
    let data = Movement::new(TRANSFER, amount);
    let accounts = [(from, WRITE), (to, WRITE), (authority, SIGN)];
    invoke(&Key::TOKEN_PROGRAM, accounts, data.bytes(), signer);
}

#[inline(always)]
pub fn mint_to(mint: &Account, to: &Account, authority: &Account, amount: u64, signer: &Signer) {
    let data = Movement::new(MINT_TO, amount);
    let accounts = [(mint, WRITE), (to, WRITE), (authority, SIGN)];
    invoke(&Key::TOKEN_PROGRAM, accounts, data.bytes(), Some(signer));
}

#[inline(always)]
pub fn burn(from: &Account, mint: &Account, owner: &Account, amount: u64) {
    let data = Movement::new(BURN, amount);
    let accounts = [(from, WRITE), (mint, WRITE), (owner, SIGN)];
    invoke(&Key::TOKEN_PROGRAM, accounts, data.bytes(), None);
}

pub fn initialize_account(account: &Account, mint: &Account, owner: &Key) {
    let mut data = [INITIALIZE_ACCOUNT_3; 33];
    data[1..].copy_from_slice(owner.as_bytes());
    invoke(&Key::TOKEN_PROGRAM, [(account, WRITE), (mint, READ)], &data, None);
}

/// Without freeze authority.
pub fn initialize_mint(mint: &Account, decimals: u8, authority: &Key) {
    let mut data = [0; 35];
    data[0] = INITIALIZE_MINT_2;
    data[1] = decimals;
    data[2..34].copy_from_slice(authority.as_bytes());
    invoke(&Key::TOKEN_PROGRAM, [(mint, WRITE)], &data, None);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_movement_is_its_tag_and_the_amount() {
        let movement = Movement::new(TRANSFER, 0x0807_0605_0403_0201);
        assert_eq!(movement.bytes(), [3, 1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(Movement::new(BURN, u64::MAX).bytes()[1..], [0xff; 8]);
    }
}
