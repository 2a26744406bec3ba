//! Cross-program calls. After one, everything it may have changed is read again through `Account`.

use crate::address::Signer;
use crate::syscalls::{sol_invoke_signed_c, Slice};
use crate::{Account, Key};

#[repr(C)]
pub struct Instruction {
    program: *const Key,
    metas: *const AccountMeta,
    meta_count: u64,
    data: *const u8,
    data_len: u64,
}

#[repr(C)]
pub struct AccountMeta {
    key: *const Key,
    access: Access,
}

/// Writable and signer, one byte each.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Access {
    writable: bool,
    signer: bool,
}

pub const READ: Access = Access { writable: false, signer: false };
pub const WRITE: Access = Access { writable: true, signer: false };
pub const SIGN: Access = Access { writable: false, signer: true };
pub const WRITE_SIGN: Access = Access { writable: true, signer: true };

#[repr(C)]
pub struct AccountInfo {
    key: *const Key,
    lamports: *mut u64,
    data_len: u64,
    data: *mut u8,
    owner: *const Key,
    rent_epoch: u64,
    signer: u8,
    writable: u8,
    executable: u8,
}

#[repr(C)]
pub struct SignerSeeds {
    seeds: *const Slice<'static>,
    count: u64,
}

impl AccountInfo {
    #[inline(always)]
    fn new(account: &Account) -> AccountInfo {
        let raw = account.raw();
        // SAFETY: inside the input; only addresses are taken, and values the loader wrote.
        unsafe {
            AccountInfo {
                key: &raw const (*raw).key,
                lamports: &raw mut (*raw).lamports,
                data_len: (*raw).data_len,
                data: account.data(),
                owner: &raw const (*raw).owner,
                rent_epoch: 0,
                signer: (*raw).signer,
                writable: (*raw).writable,
                executable: (*raw).executable,
            }
        }
    }
}

/// Calls `program`; with `signer`, that address counts as having signed. A call that fails ends the
/// transaction and never returns here.
#[inline(always)]
pub fn invoke<const N: usize>(
    program: &Key,
    accounts: [(&Account, Access); N],
    data: &[u8],
    signer: Option<&Signer>,
) {
    let metas = accounts.map(|(account, access)| AccountMeta { key: account.key(), access });
    let infos = accounts.map(|(account, _)| AccountInfo::new(account));
    let instruction = Instruction {
        program,
        metas: metas.as_ptr(),
        meta_count: N as u64,
        data: data.as_ptr(),
        data_len: data.len() as u64,
    };
    let seeds = match signer {
        Some(signer) => SignerSeeds { seeds: signer.seeds.as_ptr().cast(), count: signer.count },
        None => SignerSeeds { seeds: core::ptr::null(), count: 0 },
    };
    // SAFETY: all pointers are good for their counts until the call returns, and no reference to
    // what it may change is live: accounts are reached through raw pointers and cells alone.
    unsafe {
        sol_invoke_signed_c(&instruction, infos.as_ptr(), N as u64, &seeds, signer.is_some() as u64)
    };
}
