//! A program with everything that the linker has to get right: calls of its own functions and of
//! the runtime's, addresses in code, addresses of texts and of functions in data.
#![no_std]
#![no_main]

unsafe extern "C" {
    fn sol_log_(text: *const u8, length: u64);
    fn sol_set_return_data(data: *const u8, length: u64);
    fn abort() -> !;
}

static NAMES: [&str; 3] = ["zero", "one", "two"];
static OPERATIONS: [fn(u64, u64) -> u64; 3] = [add, multiply, power];

#[inline(never)]
fn add(a: u64, b: u64) -> u64 {
    a.wrapping_add(b)
}

#[inline(never)]
fn multiply(a: u64, b: u64) -> u64 {
    a.wrapping_mul(b)
}

#[inline(never)]
fn power(a: u64, b: u64) -> u64 {
    if b == 0 { 1 } else { multiply(a, power(a, b - 1)) }
}

/// Instruction data: which operation, a, b. Returns the result as eight bytes.
///
/// # Safety
/// `input` is what the runtime hands over, without accounts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn entrypoint(input: *mut u8) -> u64 {
    // SAFETY: no accounts, so the data's length stands at 8 and the data at 16.
    let data = unsafe {
        core::slice::from_raw_parts(input.add(16), *(input.add(8) as *const u64) as usize)
    };
    let &[operation, a, b] = data else {
        return 1;
    };
    let name = NAMES[operation as usize];
    let result = OPERATIONS[operation as usize](a as u64, b as u64).to_le_bytes();
    // SAFETY: both are whole.
    unsafe {
        sol_log_(name.as_ptr(), name.len() as u64);
        sol_set_return_data(result.as_ptr(), 8);
    }
    0
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    // SAFETY: ends the program.
    unsafe { abort() }
}
