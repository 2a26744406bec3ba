-- Orders, meters and settlements live in accounts of our programs; their state here follows from the programs' events.
-- A database of the plain tokens before has nothing on this chain's programs: it starts anew.
do $$
begin
    if exists (select from chain_outbox) then
        raise exception 'This database belongs to the plain tokens of an earlier version; start with an empty one.';
    end if;
end $$;

-- ---- users and meters

alter table users
    -- when the chain said that the wallet is registered there; null before
    add column registered_on_chain_at timestamptz;

alter table meters
    -- when the chain said that the meter is registered there; null before: nothing is minted for it
    add column registered_on_chain_at timestamptz,
    -- the net generation that the chain has settled, by the newest event; grows only
    add column chain_settled_wh bigint not null default 0 check (chain_settled_wh >= 0);

-- ---- orders and settlements

alter table orders
    -- with the owner's wallet it gives the order's address on chain
    add column chain_order_id bigint not null check (chain_order_id > 0),
    -- who pays for the order's account on chain: the wallet itself, or the platform for a managed one
    add column rent_payer bytea not null check (length(rent_payer) = 32),
    add constraint orders_chain_order unique (owner_id, chain_order_id);

alter table settlements
    -- the settlement's id on chain
    add column number bigint generated always as identity unique;

-- ---- mints

alter table mints
    -- the registers that go on chain, and when they stood so
    add column production_wh bigint not null,
    add column consumption_wh bigint not null,
    add column reading_at timestamptz not null;
-- one at a time: the chain settles whatever is unsettled
create unique index mints_pending on mints (meter_id) where status = 'pending';

-- ---- outbox

alter table chain_outbox
    -- its transaction carries other rows as well
    add column shared boolean not null default false,
    -- after a transaction of several rows was refused each of them is tried by itself
    add column alone boolean not null default false,
    -- the token accounts of the receivers are created with it: a wallet had closed its own
    add column creates_accounts boolean not null default false,
    -- the events of tx_signature are stored and applied
    add column indexed boolean not null default false;
create index chain_outbox_by_signature on chain_outbox (tx_signature) where tx_signature is not null;
create index chain_outbox_unindexed on chain_outbox (id) where status = 'confirmed' and not indexed;

-- ---- the programs' events

create table chain_events (
    signature text not null,
    -- among the events of the transaction
    position integer not null check (position >= 0),
    kind text not null,
    -- every field of the event: keys in Base58, numbers as they are
    event jsonb not null,
    slot bigint not null,
    -- the chain's time
    block_time timestamptz,
    -- false: its effect failed, and is tried again
    applied boolean not null default true,
    primary key (signature, position)
);
create index chain_events_unapplied on chain_events (slot) where not applied;
create index chain_events_orders on chain_events ((event->>'owner'), (event->>'order_id'), slot)
    where kind = 'order_created';

-- Everything of the program up to and with this transaction is in chain_events.
create table chain_cursors (
    program bytea primary key check (length(program) = 32),
    signature text not null,
    slot bigint not null
);
