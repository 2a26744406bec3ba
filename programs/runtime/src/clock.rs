use crate::syscalls::sol_get_clock_sysvar;

/// The cluster's time, Unix seconds.
#[inline(always)]
pub fn now() -> i64 {
    // Slot, start of the epoch, epoch, leader schedule epoch, Unix time: 8 bytes each.
    let mut clock = [0i64; 5];
    // SAFETY: the syscall writes exactly these 40 bytes.
    unsafe { sol_get_clock_sysvar(clock.as_mut_ptr() as *mut u8) };
    clock[4]
}
