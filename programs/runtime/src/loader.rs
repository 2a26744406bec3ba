//! Who may initialise a program: its upgrade authority, so that nobody else can be first.

use crate::address::Seeds;
use crate::{require, Account, Key, Result};

// ProgramData of the upgradeable loader: [0] kind u32 = 3  [4] slot u64  [12] option u8  [13] key
const PROGRAM_DATA: u32 = 3;
const OPTION: usize = 12;
const AUTHORITY: usize = 13;
const HEADER: u64 = 45;

/// `admin` must have signed and be the upgrade authority of `program`. A program without one cannot
/// be initialised.
pub fn require_upgrade_authority(
    admin: &Account,
    program_data: &Account,
    program: &Key,
) -> Result<()> {
    admin.require_signer()?;
    Seeds([program.as_bytes()]).require_address(program_data, &Key::UPGRADEABLE_LOADER)?;
    require!(program_data.is_owned_by(&Key::UPGRADEABLE_LOADER), InvalidAccountOwner);
    require!(program_data.data_len() >= HEADER, InvalidAccountData);
    let data = program_data.data();
    // SAFETY: the header is there; bytes and a word at its start are read.
    let (kind, option, authority) = unsafe {
        let authority = Key::from_bytes(*(data.add(AUTHORITY) as *const [u8; 32]));
        (*(data as *const u32), *data.add(OPTION), authority)
    };
    require!(kind == PROGRAM_DATA, InvalidAccountData);
    require!(option == 1 && authority == *admin.key(), Unauthorized);
    Ok(())
}
