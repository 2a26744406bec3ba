//! The loader's input: account count, accounts, instruction data, program id.

use core::mem::MaybeUninit;
use core::slice;

use crate::account::{RawAccount, RAW_HEADER};
use crate::syscalls::sol_memcpy_;
use crate::{log, Account, Args, GridError, Key, Result};

/// More accounts than a transaction without long address tables can name; an instruction with more
/// is refused.
pub const ACCOUNTS_MAX: usize = 64;

/// The loader leaves this room behind each account's data.
const GROWTH: usize = 10_240;
const NOT_A_DUPLICATE: u8 = 0xff;

pub struct Context<'a> {
    pub program_id: Key,
    pub accounts: &'a [Account<'a>],
    pub data: &'a [u8],
}

impl<'a> Context<'a> {
    /// The instruction's discriminator and its arguments.
    #[inline(always)]
    pub fn instruction(&self) -> Result<(u64, Args<'a>)> {
        let mut args = Args::new(self.data);
        Ok((args.u64()?, args))
    }
}

/// Reads the input, runs the program, and turns an error into its number and Anchor's log line.
///
/// # Safety
/// `input` is what the loader passed to the entrypoint.
#[inline(always)]
pub unsafe fn run(input: *mut u8, process: impl FnOnce(&Context) -> Result<()>) -> u64 {
    let mut table = [const { MaybeUninit::<Account>::uninit() }; ACCOUNTS_MAX];
    // SAFETY: the loader's input, read in the order in which the loader writes it.
    let result = match unsafe { read(input, &mut table) } {
        Ok(context) => process(&context),
        Err(error) => Err(error),
    };
    match result {
        Ok(()) => 0,
        Err(error) => fail(error),
    }
}

#[cold]
#[inline(never)]
fn fail(error: GridError) -> u64 {
    log::text(error.log_line());
    error as u64
}

#[inline(always)]
unsafe fn read<'a>(
    input: *mut u8,
    table: &'a mut [MaybeUninit<Account<'a>>; ACCOUNTS_MAX],
) -> Result<Context<'a>> {
    // SAFETY: all of it is the loader's input, which lives as long as the instruction. Lengths and
    // indices in it are the loader's own. Accounts begin at multiples of 8.
    unsafe {
        let count = *(input as *const u64) as usize;
        if count > ACCOUNTS_MAX {
            return Err(GridError::InvalidInstruction);
        }
        let mut at = input.add(8);
        let first = table.as_mut_ptr() as *mut Account<'a>;
        let mut next = first;
        let end = first.add(count);
        while next != end {
            let marker = *at;
            if marker == NOT_A_DUPLICATE {
                let raw = at as *mut RawAccount;
                next.write(Account::new(raw));
                let data_len = (*raw).data_len as usize;
                // Data, growth, up to the next multiple of 8, rent epoch.
                at = at.add(RAW_HEADER + GROWTH + 8 + ((data_len + 7) & !7));
            } else {
                next.write(*first.add(marker as usize));
                at = at.add(8);
            }
            next = next.add(1);
        }
        let data_len = *(at as *const u64) as usize;
        let data = at.add(8);
        let mut program_id = MaybeUninit::<Key>::uninit();
        sol_memcpy_(program_id.as_mut_ptr() as *mut u8, data.add(data_len), 32);
        Ok(Context {
            program_id: program_id.assume_init(),
            accounts: slice::from_raw_parts(first, count),
            data: slice::from_raw_parts(data, data_len),
        })
    }
}

/// Defines the program's entrypoint: `entrypoint!(process)`, where
/// `fn process(&Context) -> Result<()>`.
#[macro_export]
macro_rules! entrypoint {
    ($process:path) => {
        /// # Safety
        /// Called by the loader alone.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn entrypoint(input: *mut u8) -> u64 {
            // SAFETY: the loader's input.
            unsafe { $crate::entrypoint::run(input, $process) }
        }
    };
}
