use crate::syscalls::sol_get_rent_sysvar;
use crate::{GridError, Result};

/// What the ledger itself keeps of each account beside its data, bytes.
const OVERHEAD: u64 = 128;

/// The sysvar's threshold is a float of years; these are its only values on any cluster.
const ONE_YEAR: u64 = 1.0f64.to_bits();
const TWO_YEARS: u64 = 2.0f64.to_bits();

/// The least lamports that keep an account of this many data bytes (≤ 10 MiB) alive.
#[inline(always)]
pub fn exempt_minimum(space: u64) -> Result<u64> {
    // Lamports per byte and year, threshold, burnt percentage and padding.
    let mut rent = [0u64; 3];
    // SAFETY: the syscall writes at most these 24 bytes.
    unsafe { sol_get_rent_sysvar(rent.as_mut_ptr() as *mut u8) };
    let years = match rent[1] {
        TWO_YEARS => 2,
        ONE_YEAR => 1,
        _ => return Err(GridError::InvalidConfiguration),
    };
    Ok((OVERHEAD + space).wrapping_mul(rent[0]).wrapping_mul(years))
}
