//! The transaction's log and return data.

use core::mem::{size_of, MaybeUninit};
use core::{ptr, slice};

use crate::interface::event::{Event, MeterEvent};
use crate::interface::state::MeterAccount;
use crate::interface::METER_ID_MAX;
use crate::syscalls::{sol_log_, sol_log_data, sol_set_return_data, Slice};

pub fn text(line: &str) {
    // SAFETY: the pointer is good for the length.
    unsafe { sol_log_(line.as_ptr(), line.len() as u64) };
}

#[repr(C, packed)]
struct Framed<E> {
    discriminator: u64,
    event: E,
}

#[inline(always)]
pub fn emit<E: Event>(event: E) {
    let framed = Framed { discriminator: E::DISCRIMINATOR, event };
    // SAFETY: packed integers and keys have no uninitialised bytes.
    let bytes =
        unsafe { slice::from_raw_parts(&raw const framed as *const u8, size_of::<Framed<E>>()) };
    data(bytes);
}

#[repr(C, packed)]
struct MeterHead {
    discriminator: u64,
    meter_id_len: u32,
    meter_id: [u8; METER_ID_MAX],
}

/// The rest follows the id's last character, so it overwrites the id's padding.
#[inline(always)]
pub fn emit_for_meter<E: MeterEvent>(meter: &MeterAccount, rest: E) {
    let length = meter.meter_id_len as u32;
    let mut buffer = MaybeUninit::<(MeterHead, E)>::uninit();
    let head = MeterHead {
        discriminator: E::DISCRIMINATOR,
        meter_id_len: length,
        meter_id: meter.meter_id,
    };
    let id_end = size_of::<MeterHead>() - METER_ID_MAX + length as usize;
    // SAFETY: an id has at most 32 characters, so the rest ends inside the buffer; both types are
    // packed, so the buffer has no gap and all bytes up to the end of the rest are written.
    let bytes = unsafe {
        let start = buffer.as_mut_ptr() as *mut u8;
        ptr::write_unaligned(start as *mut MeterHead, head);
        ptr::write_unaligned(start.add(id_end) as *mut E, rest);
        slice::from_raw_parts(start, id_end + size_of::<E>())
    };
    data(bytes);
}

#[inline(always)]
fn data(bytes: &[u8]) {
    // SAFETY: one field, whose pointer is good for its length.
    unsafe { sol_log_data(&Slice::new(bytes), 1) };
}

#[inline(always)]
pub fn return_u64(value: u64) {
    let bytes = value.to_le_bytes();
    // SAFETY: the pointer is good for 8 bytes.
    unsafe { sol_set_return_data(bytes.as_ptr(), 8) };
}
