//! The virtual machine's functions. The programs copy and compare words, so that nothing needs
//! memcpy or memcmp, which an upstream compiler does not bring for this target.

use core::cell::Cell;
use core::marker::PhantomData;

/// A byte string as the virtual machine takes it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Slice<'a> {
    address: *const u8,
    length: u64,
    bytes: PhantomData<&'a [u8]>,
}

impl<'a> Slice<'a> {
    pub const EMPTY: Slice<'static> = Slice::new(&[]);

    #[inline(always)]
    pub const fn new(bytes: &'a [u8]) -> Slice<'a> {
        Slice { address: bytes.as_ptr(), length: bytes.len() as u64, bytes: PhantomData }
    }

    /// One byte that may change between two calls.
    #[inline(always)]
    pub const fn of_cell(byte: &'a Cell<u8>) -> Slice<'a> {
        Slice { address: byte.as_ptr(), length: 1, bytes: PhantomData }
    }
}

macro_rules! syscalls {
    ($(fn $name:ident($($argument:ident: $type:ty),*) -> $result:ty;)*) => {
        #[cfg(any(target_os = "solana", target_arch = "bpf"))]
        unsafe extern "C" {
            $(pub fn $name($($argument: $type),*) -> $result;)*
        }

        $(
            /// # Safety
            /// Exists in the virtual machine only; here so that the crates compile natively.
            #[cfg(not(any(target_os = "solana", target_arch = "bpf")))]
            pub unsafe fn $name($(_: $type),*) -> $result {
                unreachable!("a system call outside the virtual machine")
            }
        )*
    };
}

syscalls! {
    fn sol_log_(text: *const u8, length: u64) -> u64;
    fn sol_log_data(fields: *const Slice, count: u64) -> u64;
    fn sol_sha256(parts: *const Slice, count: u64, digest: *mut u8) -> u64;
    fn sol_curve_validate_point(curve: u64, point: *const u8, result: *mut u8) -> u64;
    fn sol_get_clock_sysvar(clock: *mut u8) -> u64;
    fn sol_get_rent_sysvar(rent: *mut u8) -> u64;
    fn sol_set_return_data(data: *const u8, length: u64) -> u64;
    fn sol_memcpy_(to: *mut u8, from: *const u8, length: u64) -> u64;
    fn sol_memset_(to: *mut u8, value: u8, length: u64) -> u64;
    fn sol_invoke_signed_c(
        instruction: *const crate::cpi::Instruction,
        accounts: *const crate::cpi::AccountInfo,
        account_count: u64,
        signers: *const crate::cpi::SignerSeeds,
        signer_count: u64
    ) -> u64;
}

#[cfg(any(target_os = "solana", target_arch = "bpf"))]
mod on_chain {
    unsafe extern "C" {
        fn abort() -> !;
    }

    #[panic_handler]
    fn panic(_: &core::panic::PanicInfo) -> ! {
        // SAFETY: ends the program; the transaction fails.
        unsafe { abort() }
    }
}
