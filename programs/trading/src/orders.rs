//! An order's life: placed with its escrow, given back with the rest of it, closed.

use core::cell::Cell;

use gridtokenx_interface::event::{OrderCancelled, OrderCreated};
use gridtokenx_interface::state::{AccountLayout, Market, Order, SIDE_BUY, SIDE_SELL};
use gridtokenx_interface::Key;
use gridtokenx_runtime::address::{Seeds, Signer};
use gridtokenx_runtime::{clock, log, math, require, system, token};
use gridtokenx_runtime::{Account, Args, GridError, Result};

use crate::market;

const ORDER_SEED: &[u8] = b"order";

/// 10^6 GRID base units: one watt-hour.
const AMOUNT_MIN: u64 = 1_000_000;

/// An order that exists, to be changed.
#[inline(always)]
pub fn load<'a>(account: &Account<'a>, program: &Key) -> Result<&'a Order> {
    match account.load::<Order>(program) {
        Ok(order) => {
            account.require_writable()?;
            Ok(order)
        }
        Err(_) if account.is_owned_by(&Key::SYSTEM_PROGRAM) => Err(GridError::OrderNotActive),
        Err(error) => Err(error),
    }
}

/// What an owner asks for.
pub struct Request {
    pub order_id: u64,
    pub amount: u64,
    pub price: u64,
    pub expires_at: i64,
}

impl Request {
    #[inline(always)]
    pub fn read(mut args: Args) -> Result<Request> {
        let request = Request {
            order_id: args.u64()?,
            amount: args.u64()?,
            price: args.u64()?,
            expires_at: args.i64()?,
        };
        args.end()?;
        Ok(request)
    }
}

/// The accounts of both instructions that place an order.
pub struct Placement<'a, 'b> {
    pub payer: &'b Account<'a>,
    pub owner: &'b Account<'a>,
    pub market: &'b Account<'a>,
    pub order: &'b Account<'a>,
    pub source: &'b Account<'a>,
    pub vault: &'b Account<'a>,
    pub system_program: &'b Account<'a>,
    pub token_program: &'b Account<'a>,
}

impl Placement<'_, '_> {
    #[inline(never)]
    pub fn place(&self, program: &Key, request: &Request, side: u8) -> Result<()> {
        self.owner.require_signer()?;
        self.payer.require_signer()?;
        self.payer.require_writable()?;
        self.source.require_writable()?;
        self.vault.require_writable()?;
        self.system_program.require_program(&Key::SYSTEM_PROGRAM)?;
        self.token_program.require_program(&Key::TOKEN_PROGRAM)?;

        let market = market::load_open(self.market, program)?;
        // First: whoever repeats a placement must learn that the order exists, even when its owner
        // could not afford it a second time.
        let id = request.order_id.to_le_bytes();
        let seeds = Seeds([ORDER_SEED, self.owner.key().as_bytes(), &id]);
        let bump = seeds.require_address(self.order, program)?;
        system::require_vacant(self.order, program)?;

        let now = clock::now();
        require!(request.amount >= AMOUNT_MIN, InvalidOrder);
        market::require_price_in_bounds(market, request.price)?;
        require!(request.expires_at > now, OrderExpired);
        let escrow = escrow_of(request, side)?;

        self.vault.require_key(vault_of(market, side))?;
        token::require_token_account(self.source, self.owner.key())?;
        token::require_balance(self.source, escrow)?;

        let space = size_of::<Order>() as u64;
        system::create(self.payer, self.order, space, program, &seeds.signer(&[bump]))?;
        token::transfer(self.source, self.vault, self.owner, escrow, None);
        self.order.init(Order {
            discriminator: Order::DISCRIMINATOR,
            owner: *self.owner.key(),
            rent_payer: *self.payer.key(),
            order_id: request.order_id,
            amount: request.amount,
            filled: Cell::new(0),
            price: request.price,
            escrowed: Cell::new(escrow),
            created_at: now,
            expires_at: request.expires_at,
            fee_bps: market.fee_bps.get(),
            side,
            bump,
            padding: [0; 4],
        })?;
        log::emit(OrderCreated {
            order: *self.order.key(),
            order_id: request.order_id,
            owner: *self.owner.key(),
            side,
            amount: request.amount,
            price: request.price,
            expires_at: request.expires_at,
            timestamp: now,
        });
        Ok(())
    }
}

/// A seller escrows the energy, a buyer its value at the limit price.
#[inline(always)]
fn escrow_of(request: &Request, side: u8) -> Result<u64> {
    if side == SIDE_SELL {
        return Ok(request.amount);
    }
    let escrow = math::value(request.amount, request.price)?;
    require!(escrow > 0, InvalidOrder);
    Ok(escrow)
}

#[inline(always)]
fn vault_of(market: &Market, side: u8) -> &Key {
    match side {
        SIDE_BUY => &market.grx_vault,
        _ => &market.grid_vault,
    }
}

/// One group of accounts for an order that ends before it is filled.
struct Group<'a, 'b> {
    order: &'b Account<'a>,
    vault: &'b Account<'a>,
    refund_account: &'b Account<'a>,
    rent_payer: &'b Account<'a>,
}

const GROUP: usize = 4;

fn group<'a, 'b>(accounts: &'b [Account<'a>]) -> Result<Group<'a, 'b>> {
    let [order, vault, refund_account, rent_payer] = accounts else {
        return Err(GridError::NotEnoughAccounts);
    };
    Ok(Group { order, vault, refund_account, rent_payer })
}

/// Ends orders and gives what is left of each to its owner; its rent goes to whoever paid it.
pub struct Ending<'a, 'b> {
    pub program: &'b Key,
    pub market_account: &'b Account<'a>,
    pub market: &'b Market,
    pub reason: u8,
    pub now: i64,
}

impl<'a> Ending<'a, '_> {
    /// `accounts` are groups of order, vault, refund account, rent payer: one or more.
    #[inline(always)]
    pub fn end_all(
        &self,
        accounts: &[Account<'a>],
        may_end: impl Fn(&Order) -> Result<()>,
    ) -> Result<()> {
        require!(!accounts.is_empty(), NotEnoughAccounts);
        let bump = [self.market.bump];
        let signer = market::signer(&bump);
        for (index, accounts_of_one) in accounts.chunks(GROUP).enumerate() {
            let group = group(accounts_of_one)?;
            let is_repeated = accounts
                .iter()
                .step_by(GROUP)
                .take(index)
                .any(|earlier| earlier.is_same(group.order));
            require!(!is_repeated, DuplicateAccount);
            let order = load(group.order, self.program)?;
            may_end(order)?;
            self.refund(&group, order, &signer)?;
        }
        // Only now, since lamports must be in balance at every call above.
        for accounts_of_one in accounts.chunks(GROUP) {
            let group = group(accounts_of_one)?;
            // SAFETY: ours, as loaded above, and no reference is used after the first loop.
            unsafe { group.order.close(group.rent_payer)? };
        }
        Ok(())
    }

    #[inline(always)]
    fn refund(&self, group: &Group, order: &Order, signer: &Signer) -> Result<()> {
        group.vault.require_key(vault_of(self.market, order.side))?;
        group.vault.require_writable()?;
        group.rent_payer.require_key(&order.rent_payer)?;
        group.rent_payer.require_writable()?;
        token::require_token_account(group.refund_account, &order.owner)?;
        group.refund_account.require_writable()?;

        let refunded = order.escrowed.get();
        order.escrowed.set(0);
        token::transfer(
            group.vault,
            group.refund_account,
            self.market_account,
            refunded,
            Some(signer),
        );
        log::emit(OrderCancelled {
            order: *group.order.key(),
            order_id: order.order_id,
            owner: order.owner,
            side: order.side,
            refunded,
            reason: self.reason,
            timestamp: self.now,
        });
        Ok(())
    }
}
