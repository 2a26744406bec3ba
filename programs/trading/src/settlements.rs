//! Which settlement ids have been used: one bit each, for ever.

use core::cell::Cell;

use gridtokenx_interface::state::SettlementPage;
use gridtokenx_runtime::{require, GridError, Result};

pub const PAGE_SEED: &[u8] = b"settlements";

/// The last page: ids have 64 bits and a page holds 2^16.
pub const PAGE_MAX: u64 = u64::MAX >> 16;

/// Marks an id as used; refuses one that is.
#[inline(always)]
pub fn use_once(page: &SettlementPage, id: u64) -> Result<()> {
    require!(page.page == id >> 16, InvalidAddress);
    let byte: &Cell<u8> =
        page.bitmap.get((id & 0xffff) as usize >> 3).ok_or(GridError::InvalidAddress)?;
    let bit = 1u8 << (id & 7);
    let used = byte.get();
    require!(used & bit == 0, SettlementAlreadyUsed);
    byte.set(used | bit);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use gridtokenx_interface::state::AccountLayout;

    #[test]
    fn each_id_of_a_page_is_used_once_and_has_its_own_bit() {
        let bitmap = [const { Cell::new(0) }; 8192];
        let page = SettlementPage { discriminator: SettlementPage::DISCRIMINATOR, page: 3, bitmap };
        for id in 3 << 16..4 << 16 {
            assert_eq!(use_once(&page, id), Ok(()));
            assert_eq!(use_once(&page, id), Err(GridError::SettlementAlreadyUsed));
        }
        assert!(page.bitmap.iter().all(|byte| byte.get() == 0xff));
        assert_eq!(use_once(&page, 4 << 16), Err(GridError::InvalidAddress));
        assert_eq!(use_once(&page, u64::MAX), Err(GridError::InvalidAddress));
    }
}
