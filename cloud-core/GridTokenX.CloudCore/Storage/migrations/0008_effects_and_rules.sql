-- What a match entails besides energy and money, by which rule an epoch was cleared, and what its market was worth.

-- ---- epochs

alter table epochs
    -- how its matches came about; fixed when it is cleared
    add column rule text not null default 'continuous' check (rule in ('continuous', 'call_auction')),
    -- when its call auction was held, if its zone holds them: from then on it takes no more matches
    add column auctioned_at timestamptz,
    -- the one price of the auction; null when nothing crossed
    add column auction_price bigint check (auction_price > 0),
    -- fairness of its trades, as shares of six places; null where there is no whole
    add column buyers_share numeric(7, 6),
    add column price_dispersion numeric(18, 6),
    -- what the zone's meters counted in this quarter hour, of those that measured it whole
    add column production_wh bigint,
    add column consumption_wh bigint,
    add column meters integer,
    add column meters_read integer,
    -- when that was counted; late readings do not change it
    add column metered_at timestamptz;
create index epochs_unmetered on epochs (ends_at) where metered_at is null;

-- ---- prices

-- What applies in a zone from then on: one row for each change.
create table zone_prices (
    sequence bigint generated always as identity primary key,
    zone text not null,
    since timestamptz not null,
    -- the dynamic price: a match needs a bid at or above it; null when there is none
    price bigint check (price > 0),
    -- the battery gate: closed, nothing matches
    gate_open boolean not null,
    -- mean state of charge of the zone's devices with fresh readings; null without any
    soc_permille integer check (soc_permille between 0 and 1000),
    demand_wh bigint not null,
    supply_wh bigint not null,
    -- permille; null without a dynamic price
    soc_factor integer,
    load_factor integer,
    time_factor integer
);
create index zone_prices_newest on zone_prices (zone, sequence desc);

-- ---- effects

create table match_effects (
    match_id uuid primary key references matches,
    seller_id uuid not null references users,
    buyer_id uuid not null references users,
    -- credited to the buyer, whose energy was clean
    carbon_grams bigint not null check (carbon_grams >= 0),
    -- GRID to retire once the energy is delivered; 0 when burning is off
    burn_wh bigint not null check (burn_wh >= 0),
    -- foreseen: with the settlement; due: the owner has to sign it; requested: in the outbox; retired: on chain
    burn text not null check (burn in ('none', 'foreseen', 'due', 'requested', 'retired', 'void')),
    -- matched: waits for the settlement; settled: it counts; void: the settlement has failed for good
    status text not null default 'matched' check (status in ('matched', 'settled', 'void')),
    decided_at timestamptz
);
create index match_effects_by_buyer on match_effects (buyer_id);
create index match_effects_burns on match_effects (match_id) where burn in ('due', 'requested');

create table yields (
    -- the order of payment
    id bigint generated always as identity primary key,
    match_id uuid not null references match_effects,
    kind text not null check (kind in ('seller', 'pool')),
    -- null: the liquidity pool
    owner_id uuid references users,
    -- seller: a year's, accruing while the term lasts; pool: once
    amount_ugrx bigint not null check (amount_ugrx > 0),
    -- pending: waits for the settlement; accruing; allotted: all of it; void
    status text not null default 'pending' check (status in ('pending', 'accruing', 'allotted', 'void')),
    accrues_from timestamptz,
    -- the most that it can come to
    limit_ugrx bigint check (limit_ugrx >= 0),
    -- set aside for the owner out of collected fees
    allotted_ugrx bigint not null default 0 check (allotted_ugrx >= 0),
    unique (match_id, kind),
    check ((kind = 'pool') = (owner_id is null)),
    check (allotted_ugrx <= coalesce(limit_ugrx, 0))
);
create index yields_accruing on yields (id) where status = 'accruing';
create index yields_by_owner on yields (owner_id, id desc);

-- How far the present round of allotments has come; one row.
create table yield_rounds (
    one boolean primary key default true check (one),
    -- up to when yields accrue in this round
    until timestamptz not null,
    last_yield bigint not null
);

-- What a round has set aside for one owner; null: the liquidity pool.
create table yield_allotments (
    id bigint generated always as identity primary key,
    owner_id uuid references users,
    amount_ugrx bigint not null check (amount_ugrx > 0),
    allotted_at timestamptz not null
);
create index yield_allotments_by_owner on yield_allotments (owner_id, id desc);
