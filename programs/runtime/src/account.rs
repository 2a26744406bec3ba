//! An account of the instruction, read and written where the loader put it.

use core::cell::Cell;
use core::marker::PhantomData;
use core::mem::size_of;
use core::ptr;

use crate::interface::state::AccountLayout;
use crate::syscalls::sol_memset_;
use crate::{require, GridError, Key, Result};

/// The loader's serialization of one account; the data follows.
///
/// [0] 0xff, or the index of the account that this one repeats  [1] signer  [2] writable
/// [3] executable  [4..8] zero  [8..40] key  [40..72] owner  [72..80] lamports
/// [80..88] data length
#[repr(C)]
pub(crate) struct RawAccount {
    pub marker: u8,
    pub signer: u8,
    pub writable: u8,
    pub executable: u8,
    pub zero: u32,
    pub key: Key,
    pub owner: Key,
    pub lamports: u64,
    pub data_len: u64,
}

/// Bytes of a serialized account before its data.
pub(crate) const RAW_HEADER: usize = size_of::<RawAccount>();

/// A pointer into the input, good for the whole instruction. An account that is listed twice is the
/// same pointer twice. Owner, lamports and data change under cross-program calls, so every method
/// reads them anew.
#[derive(Clone, Copy)]
pub struct Account<'a> {
    raw: *mut RawAccount,
    input: PhantomData<&'a Cell<u8>>,
}

impl<'a> Account<'a> {
    /// # Safety
    /// `raw` points to an account of the loader's input, which lives for `'a`.
    pub(crate) unsafe fn new(raw: *mut RawAccount) -> Account<'a> {
        Account { raw, input: PhantomData }
    }

    pub(crate) fn raw(&self) -> *mut RawAccount {
        self.raw
    }

    #[inline(always)]
    pub fn key(&self) -> &'a Key {
        // SAFETY: inside the input, and nothing ever writes a key.
        unsafe { &(*self.raw).key }
    }

    #[inline(always)]
    pub fn is_owned_by(&self, program: &Key) -> bool {
        // SAFETY: inside the input; the reference ends with the comparison.
        unsafe { (*self.raw).owner == *program }
    }

    #[inline(always)]
    pub fn is_same(&self, other: &Account) -> bool {
        self.raw == other.raw
    }

    #[inline(always)]
    pub fn is_signer(&self) -> bool {
        // SAFETY: inside the input.
        unsafe { (*self.raw).signer != 0 }
    }

    #[inline(always)]
    pub fn lamports(&self) -> u64 {
        // SAFETY: inside the input.
        unsafe { (*self.raw).lamports }
    }

    #[inline(always)]
    pub fn data_len(&self) -> u64 {
        // SAFETY: inside the input.
        unsafe { (*self.raw).data_len }
    }

    /// Valid for `data_len` bytes, aligned to 8.
    #[inline(always)]
    pub fn data(&self) -> *mut u8 {
        // SAFETY: the data follows the header in the same input.
        unsafe { (self.raw as *mut u8).add(RAW_HEADER) }
    }

    #[inline(always)]
    pub fn require_signer(&self) -> Result<()> {
        require!(self.is_signer(), MissingSignature);
        Ok(())
    }

    #[inline(always)]
    pub fn require_writable(&self) -> Result<()> {
        // SAFETY: inside the input.
        require!(unsafe { (*self.raw).writable } != 0, AccountNotWritable);
        Ok(())
    }

    #[inline(always)]
    pub fn require_key(&self, expected: &Key) -> Result<()> {
        require!(*self.key() == *expected, InvalidAddress);
        Ok(())
    }

    #[inline(always)]
    pub fn require_program(&self, expected: &Key) -> Result<()> {
        require!(*self.key() == *expected, InvalidProgram);
        Ok(())
    }

    /// The account's data as `T`: it must belong to `program` and carry the type's discriminator.
    /// Only the program itself creates such accounts, so its address needs no second look.
    #[inline(always)]
    pub fn load<T: AccountLayout>(&self, program: &Key) -> Result<&'a T> {
        require!(self.is_owned_by(program), InvalidAccountOwner);
        require!(
            self.data_len() == size_of::<T>() as u64 && self.word(0) == T::DISCRIMINATOR,
            InvalidAccountData
        );
        // SAFETY: large enough, aligned, every pattern valid; what changes later is a `Cell`.
        Ok(unsafe { &*(self.data() as *const T) })
    }

    /// As [`Account::load`], for an account that the instruction changes.
    #[inline(always)]
    pub fn load_mut<T: AccountLayout>(&self, program: &Key) -> Result<&'a T> {
        self.require_writable()?;
        self.load(program)
    }

    /// Writes the first contents of an account that was just created for `T`.
    #[inline(always)]
    pub fn init<T: AccountLayout>(&self, value: T) -> Result<()> {
        require!(self.data_len() == size_of::<T>() as u64, InvalidAccountData);
        require!(self.word(0) == 0, AlreadyInitialized);
        // SAFETY: large enough and aligned; without discriminator nobody has a reference into it.
        unsafe { ptr::write(self.data() as *mut T, value) };
        Ok(())
    }

    /// As [`Account::init`] for a type that is all zero behind its first words.
    #[inline(always)]
    pub fn init_words<T: AccountLayout>(&self, words: [u64; 2]) -> Result<()> {
        require!(self.data_len() == size_of::<T>() as u64, InvalidAccountData);
        require!(self.word(0) == 0, AlreadyInitialized);
        // SAFETY: as above, and an account type has at least two words.
        unsafe { ptr::write(self.data() as *mut [u64; 2], words) };
        Ok(())
    }

    /// The word at an offset that is a multiple of 8, inside the data.
    #[inline(always)]
    pub(crate) fn word(&self, offset: usize) -> u64 {
        // SAFETY: callers have compared the length.
        unsafe { *(self.data().add(offset) as *const u64) }
    }

    /// The key at an offset that is a multiple of 8, inside the data.
    #[inline(always)]
    pub(crate) fn key_at(&self, offset: usize) -> Key {
        // SAFETY: callers have compared the length.
        unsafe { *(self.data().add(offset) as *const Key) }
    }

    /// Ends the account: its data is zeroed and gone, all lamports go to `to`, and the system
    /// program owns the address again. Not before the last cross-program call: the runtime wants
    /// balanced lamports at each.
    ///
    /// # Safety
    /// The caller owns the account, and no reference into its data is used afterwards.
    #[inline(always)]
    pub unsafe fn close(&self, to: &Account) -> Result<()> {
        let sum = to.lamports().checked_add(self.lamports()).ok_or(GridError::MathOverflow)?;
        // SAFETY: inside the input, and by the caller's promise nobody looks at the data any more.
        unsafe {
            sol_memset_(self.data(), 0, self.data_len());
            (*to.raw).lamports = sum;
            (*self.raw).lamports = 0;
            (*self.raw).data_len = 0;
            (*self.raw).owner = Key::SYSTEM_PROGRAM;
        }
        Ok(())
    }
}
