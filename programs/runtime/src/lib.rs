//! What every program needs of Solana's virtual machine: the entrypoint's input read in place,
//! checks of accounts, cross-program calls, addresses, the clock, events, and exact arithmetic.
#![cfg_attr(any(target_os = "solana", target_arch = "bpf"), no_std)]
#![deny(unsafe_op_in_unsafe_fn)]

pub mod account;
pub mod address;
pub mod args;
pub mod clock;
pub mod cpi;
pub mod entrypoint;
pub mod loader;
pub mod log;
pub mod math;
pub mod rent;
pub mod syscalls;
pub mod system;
pub mod token;

pub use account::Account;
pub use args::Args;
pub use entrypoint::Context;
pub use gridtokenx_interface as interface;
pub use gridtokenx_interface::{GridError, Key, Result};

/// Refuses with an error unless the condition holds.
#[macro_export]
macro_rules! require {
    ($condition:expr, $error:ident) => {
        if !($condition) {
            return Err($crate::GridError::$error);
        }
    };
}
