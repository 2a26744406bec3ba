//! SPL Token: checks of its accounts, and the calls that the programs make.

use crate::address::Signer;
use crate::cpi::{invoke, READ, SIGN, WRITE};
use crate::{require, Account, Key, Result};

// Layout of a token account: [0] mint  [32] token owner  [64] amount u64 … [108] state u8 …
pub const ACCOUNT_LEN: u64 = 165;
const MINT: usize = 0;
const OWNER: usize = 32;
const AMOUNT: usize = 64;
const STATE: usize = 108;
const STATE_INITIALIZED: u8 = 1;

// Layout of a mint: [0] authority option … [44] decimals u8, [45] initialised u8 …
pub const MINT_LEN: u64 = 82;
const DECIMALS: usize = 44;
const IS_INITIALIZED: usize = 45;

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

pub fn require_mint(mint: &Account, decimals: u8) -> Result<()> {
    // SAFETY: read only when the 82 bytes are there.
    let matches = mint.is_owned_by(&Key::TOKEN_PROGRAM)
        && mint.data_len() == MINT_LEN
        && unsafe {
            *mint.data().add(DECIMALS) == decimals && *mint.data().add(IS_INITIALIZED) == 1
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
        // SAFETY: the last nine of the sixteen bytes, all of them initialised.
        unsafe { core::slice::from_raw_parts(&self.tag, 9) }
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
