//! Account layouts: `#[repr(C)]` without hidden padding, so that the bytes are also Borsh's.
//! Fields that an instruction changes later are `Cell`s: an account may be listed twice, and a cell
//! is read again each time. All other fields are written once, when the account is created.

mod energy_token;
mod registry;
mod trading;

pub use energy_token::TokenConfig;
pub use registry::{MeterAccount, Registry, UserAccount, USER_TYPE_CONSUMER, USER_TYPE_PROSUMER};
pub use trading::{Market, Order, SettlementPage, MATCHERS_MAX, SIDE_BUY, SIDE_SELL};

/// An account's whole data, beginning with its discriminator.
///
/// # Safety
/// The type is `#[repr(C)]`, has no padding bytes and no alignment above 8, begins with the
/// discriminator as `u64`, and every bit pattern is a valid value.
pub unsafe trait AccountLayout: Sized {
    const DISCRIMINATOR: u64;
}

/// Implements [`AccountLayout`] and holds the compiler to the documented size and offsets.
macro_rules! layout {
    ($type:ident, $size:literal, { $($field:ident: $offset:literal),* $(,)? }) => {
        // SAFETY: `#[repr(C)]` of words, keys and bytes; the assertions below leave no gap.
        unsafe impl $crate::state::AccountLayout for $type {
            const DISCRIMINATOR: u64 = $crate::discriminator::account(stringify!($type));
        }

        const _: () = {
            assert!(core::mem::size_of::<$type>() == $size);
            assert!(core::mem::align_of::<$type>() == 8);
            assert!(core::mem::offset_of!($type, discriminator) == 0);
            $(assert!(core::mem::offset_of!($type, $field) == $offset);)*
        };
    };
}

pub(crate) use layout;
