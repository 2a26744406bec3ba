//! The market account: who may do what, and on which terms.

use gridtokenx_interface::state::{Market, MATCHERS_MAX};
use gridtokenx_interface::Key;
use gridtokenx_runtime::address::{Seeds, Signer};
use gridtokenx_runtime::{require, token, Account, Args, Result};

pub const MARKET_SEED: &[u8] = b"market";
pub const VAULT_SEED: &[u8] = b"escrow";

const FEE_BPS_MAX: u16 = 1_000;

/// The market, unless it is in maintenance.
#[inline(always)]
pub fn load_open<'a>(account: &Account<'a>, program: &Key) -> Result<&'a Market> {
    let market = account.load::<Market>(program)?;
    require!(market.maintenance.get() == 0, MaintenanceMode);
    Ok(market)
}

/// The market for its admin, in maintenance too.
#[inline(always)]
pub fn load_for_admin<'a>(
    account: &Account<'a>,
    admin: &Account,
    program: &Key,
) -> Result<&'a Market> {
    admin.require_signer()?;
    let market = account.load_mut::<Market>(program)?;
    require!(market.admin.get() == *admin.key(), Unauthorized);
    Ok(market)
}

#[inline(always)]
pub fn require_matcher(market: &Market, account: &Account) -> Result<()> {
    let count = market.matcher_count.get() as usize;
    let found = market.matchers.iter().take(count).any(|matcher| matcher.get() == *account.key());
    require!(found, Unauthorized);
    Ok(())
}

#[inline(always)]
pub fn require_price_in_bounds(market: &Market, price: u64) -> Result<()> {
    require!(price >= market.min_price.get() && price <= market.max_price.get(), PriceOutOfBounds);
    Ok(())
}

/// The market's signature, by which its vaults move.
#[inline(always)]
pub fn signer(bump: &[u8; 1]) -> Signer<'_> {
    Seeds([MARKET_SEED]).signer(bump)
}

/// Fees go to a GRX account that is not a vault.
pub fn require_fee_account(account: &Account, market: &Key, grx_mint: &Key) -> Result<()> {
    token::require_account_of_mint(account, grx_mint)?;
    require!(!token::is_token_owner(account, market), InvalidTokenAccount);
    Ok(())
}

/// What the admin decides.
pub struct Terms {
    pub fee_bps: u16,
    pub min_price: u64,
    pub max_price: u64,
    pub matchers: [Key; MATCHERS_MAX],
    pub matcher_count: u8,
}

impl Terms {
    /// The last arguments of an instruction.
    #[inline(always)]
    pub fn read(mut args: Args) -> Result<Terms> {
        let (fee_bps, min_price, max_price) = (args.u16()?, args.u64()?, args.u64()?);
        let count = args.count(size_of::<Key>())?;
        require!(fee_bps <= FEE_BPS_MAX, InvalidConfiguration);
        require!(min_price >= 1 && max_price >= min_price, InvalidConfiguration);
        require!((1..=MATCHERS_MAX).contains(&count), InvalidConfiguration);
        let mut matchers = [Key::ZERO; MATCHERS_MAX];
        for slot in matchers.iter_mut().take(count) {
            *slot = args.key()?;
            require!(!slot.is_zero(), InvalidConfiguration);
        }
        require!(are_distinct(&matchers, count), InvalidConfiguration);
        Ok(Terms { fee_bps, min_price, max_price, matchers, matcher_count: count as u8 })
    }
}

fn are_distinct(keys: &[Key; MATCHERS_MAX], count: usize) -> bool {
    keys.iter()
        .take(count)
        .enumerate()
        .all(|(index, key)| keys.iter().take(index).all(|earlier| *earlier != *key))
}
