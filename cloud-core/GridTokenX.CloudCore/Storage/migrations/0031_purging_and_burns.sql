-- How far live_changes has been emptied. What a transaction below gone_xid wrote may be gone: whose last look was older
-- begins anew. One row, of another life after a crash of the server, which empties both tables.
create unlogged table live_purges (
    one boolean primary key default true check (one),
    life uuid not null default gen_random_uuid(),
    gone_xid xid8 not null default '0',
    -- what goes next, and since when everybody who looks has seen it
    next_xid xid8 not null default '0',
    next_at timestamptz not null default '-infinity'
);
-- their age is that of their transaction
drop index live_changes_by_age;

-- GRID that owners retired by themselves, as the chain tells it.
create table own_burns (
    signature text not null,
    position integer not null check (position >= 0),
    wallet bytea not null check (length(wallet) = 32),
    -- base units
    amount numeric(20) not null check (amount > 0),
    -- of it what was owed for energy that had been delivered; the rest was voluntary
    due_wh bigint not null default 0 check (due_wh >= 0 and due_wh * 1000000::numeric <= amount),
    slot bigint not null,
    primary key (signature, position)
);

alter table match_effects
    -- of burn_wh what the owner has retired by himself
    add column burned_wh bigint not null default 0,
    add constraint match_effects_burned check (burned_wh between 0 and burn_wh);
create index match_effects_due on match_effects (buyer_id, match_id) where burn = 'due';

alter table yield_rounds
    -- of the fees that were collected when the round began, what it can still set aside
    add column payable_ugrx bigint not null default 0 check (payable_ugrx >= 0);
