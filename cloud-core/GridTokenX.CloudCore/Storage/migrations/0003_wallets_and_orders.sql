-- Who signs for a user, and what becomes of orders whose matches cannot all be settled.

-- ---- users and wallets

alter table users
    -- signs the user's requests: the wallet itself, unless the wallet is a managed one
    add column access_key bytea not null unique check (length(access_key) = 32);

-- Wallets whose keys the server holds.
create table managed_wallets (
    wallet bytea primary key references users (wallet),
    -- the seed, XChaCha20-Poly1305: nonce 24, ciphertext 32, tag 16; bound to the user's id and the wallet
    sealed_seed bytea not null check (length(sealed_seed) = 72),
    -- names the master key that opens it
    master_key bytea not null check (length(master_key) = 8),
    created_at timestamptz not null,
    -- the newest export; from then on the user has the secret as well
    exported_at timestamptz
);

-- ---- orders

alter table orders
    -- until then the order can be settled on chain; afterwards anybody may give its escrow back
    add column chain_expires_at timestamptz not null,
    -- of the transaction that the owner brought: an order on chain from another one is not this order; null when a
    -- managed wallet signs
    add column tx_signature text,
    -- the market's fee when the order was placed: the fee of its sales is not above it
    add column fee_bps integer not null check (fee_bps between 0 and 10000),
    -- matched, and refused by the chain for good: it goes back with the release
    add column failed_wh bigint not null default 0 check (failed_wh >= 0),
    -- why it was rejected, or has ended without its owner's request here
    add column reason text,
    add constraint orders_decided check (settled_wh + failed_wh <= filled_wh),
    -- requested: the order's transaction is in the outbox, unanswered; held: the order's account is on chain with its
    -- escrow; refused: the chain took nothing; releasing: what is left of it is on its way back; closed: the account
    -- is gone, and nothing is left in it
    drop constraint orders_escrow_check,
    add constraint orders_escrow_check
        check (escrow in ('requested', 'held', 'refused', 'releasing', 'closed'));

-- ---- settlements

alter table settlements
    -- the chain computes it
    drop column refund_ugrx,
    -- why the chain refused it for good
    add column failure text;
drop index settlements_pending;
create index settlements_pending on settlements (zone, epoch) where status = 'pending';

-- ---- locks

alter table device_locks
    -- nothing is left to hold when the settlement of all its matches has failed
    drop constraint device_locks_energy_wh_check,
    add constraint device_locks_energy_wh_check check (energy_wh >= 0);
