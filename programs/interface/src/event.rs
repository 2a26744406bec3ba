//! Events: one data field of the log, the discriminator and then the fields as Borsh packs them.

use crate::discriminator::event;
use crate::Key;

/// # Safety
/// The type is `#[repr(C, packed)]` and consists of integers and keys only.
pub unsafe trait Event: Sized {
    const DISCRIMINATOR: u64;
}

/// An event whose first field is a meter id (Borsh string); the type holds the fields after it.
///
/// # Safety
/// As for [`Event`].
pub unsafe trait MeterEvent: Sized {
    const DISCRIMINATOR: u64;
}

macro_rules! events {
    ($trait:ident: $(
        $(#[$attribute:meta])* $name:ident { $($field:ident: $type:ty),* $(,)? }
    )*) => {$(
        $(#[$attribute])*
        #[repr(C, packed)]
        #[derive(Clone, Copy)]
        pub struct $name {
            $(pub $field: $type,)*
        }

        // SAFETY: packed integers and keys.
        unsafe impl $trait for $name {
            const DISCRIMINATOR: u64 = event(stringify!($name));
        }
    )*};
}

events! { Event:
    UserRegistered {
        wallet: Key,
        user_type: u8,
        timestamp: i64,
    }

    TokensRetired {
        owner: Key,
        amount: u64,
        timestamp: i64,
    }

    OrderCreated {
        order: Key,
        order_id: u64,
        owner: Key,
        side: u8,
        amount: u64,
        price: u64,
        expires_at: i64,
        timestamp: i64,
    }

    /// `order_id` is the sell order's; `buy_order_id` is 0 when a listed order was taken directly.
    /// `total_price` is the value before the fee, µGRX.
    TradeExecuted {
        settlement_id: u64,
        order_id: u64,
        buy_order_id: u64,
        seller: Key,
        buyer: Key,
        amount_tokens: u64,
        price: u64,
        total_price: u64,
        fee: u64,
        timestamp: i64,
    }

    OrderCancelled {
        order: Key,
        order_id: u64,
        owner: Key,
        side: u8,
        refunded: u64,
        reason: u8,
        timestamp: i64,
    }
}

events! { MeterEvent:
    MeterRegistered {
        owner: Key,
        device: Key,
        timestamp: i64,
    }

    /// Both amounts in Wh; `minted` is 0 when the owner sells that energy elsewhere.
    MeterBalanceSettled {
        owner: Key,
        new_tokens: u64,
        total_settled: u64,
        timestamp: i64,
        minted: u8,
    }

    MeterDeactivated {
        owner: Key,
        timestamp: i64,
    }
}

pub const CANCELLED_BY_OWNER: u8 = 0;
pub const CANCELLED_BY_EXPIRY: u8 = 1;
pub const CANCELLED_BY_MATCHER: u8 = 2;
