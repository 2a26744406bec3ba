-- Books in memory, one writer a zone: what it has done, and what others ask it to do.

alter table users
    -- names the owner in the books
    add column number bigint generated always as identity unique;

alter table orders
    -- the order's place in the book of its zone: the number of the line of the journal that accepted it; null before.
    -- Orders that are live and have a place are the book; nobody but the zone's writer changes them.
    add column place bigint check (place > 0);
-- How many orders somebody has open is asked with every new one, whatever he has ordered before.
create index orders_open_by_owner on orders (owner_id)
    where status in ('pending', 'active', 'partially_filled') or escrow = 'requested';
create unique index orders_in_book on orders (zone, place)
    where status in ('active', 'partially_filled') and place is not null;

create table market_zones (
    zone text primary key,
    -- the process that wrote last, and how often the writer has changed
    writer uuid not null,
    token bigint not null,
    -- of the journal's last line
    sequence bigint not null check (sequence >= 0),
    -- the place given last
    accepted bigint not null check (accepted >= 0),
    -- the book's time, UTC ticks of 100 ns
    ticks bigint not null,
    -- the price below which no bid takes part; 0 for none
    dynamic_price bigint not null default 0,
    mode text not null check (mode ~ '^(continuous|gathering|waiting)(_exact)?$'),
    -- of the newest line with a state hash, or of the snapshot that came after it
    hashed bigint not null default 0,
    -- wall time
    written_at timestamptz not null
);

-- Every operation on a zone's book, in its order: as the book's own encoding has it.
create table market_journal (
    zone text not null,
    sequence bigint not null check (sequence > 0),
    operation bytea not null check (length(operation) = 64),
    order_id uuid,
    -- of the book after this line, now and then
    state_hash bytea check (length(state_hash) = 16),
    primary key (zone, sequence)
);

-- A book as it stood after a line: where a replay of the journal may begin.
create table market_snapshots (
    zone text not null,
    sequence bigint not null check (sequence >= 0),
    accepted bigint not null,
    ticks bigint not null,
    dynamic_price bigint not null default 0,
    -- how the book matches from here on
    mode text not null check (mode ~ '^(continuous|gathering|waiting)(_exact)?$'),
    -- the orders by their places, 64 bytes each, as the book's own encoding has them
    orders bytea not null,
    state_hash bytea not null check (length(state_hash) = 16),
    -- wall time
    taken_at timestamptz not null,
    -- the journal since the snapshot before gives this one
    verified boolean not null default false,
    primary key (zone, sequence)
);

-- What other transactions want of live orders. The zone's writer does it, and deletes the row in the same transaction.
create table market_inbox (
    id bigint generated always as identity primary key,
    zone text not null,
    order_id uuid not null references orders,
    -- place: the escrow is there; cancel: the owner asks; withdrawn, expired: the order is gone on chain
    kind text not null check (kind in ('place', 'cancel', 'withdrawn', 'expired')),
    -- of a cancellation: the request
    wallet bytea,
    key text,
    request_hash bytea,
    check ((kind = 'cancel') = (wallet is not null and key is not null and request_hash is not null))
);
create index market_inbox_by_zone on market_inbox (zone, order_id);
create unique index market_inbox_requests on market_inbox (wallet, key) where kind = 'cancel';

-- Orders that were live under the version before enter the books of this one.
insert into market_inbox (zone, order_id, kind)
select zone, id, 'place' from orders where status in ('active', 'partially_filled') order by sequence;
