-- Units: energy in Wh, money in µGRX, prices in µGRX per kWh, keys and signatures as raw bytes, times in UTC (market
-- time).

create table users (
    id uuid primary key,
    name text not null check (length(name) between 1 and 80),
    role text not null check (role in ('prosumer', 'consumer')),
    wallet bytea not null unique check (length(wallet) = 32),
    verified boolean not null,
    created_at timestamptz not null
);

create table gateways (
    gateway bytea primary key check (length(gateway) = 32),
    name text not null,
    created_at timestamptz not null
);

create table meters (
    meter_id text primary key,
    device bytea not null unique check (length(device) = 32),
    owner_id uuid not null references users,
    zone text not null,
    gateway bytea not null references gateways,
    consent bytea not null,
    registered_at timestamptz not null,
    -- the last accepted reading
    last_sequence bigint not null default 0,
    last_reading_at timestamptz,
    production_wh bigint not null default 0 check (production_wh >= 0),
    consumption_wh bigint not null default 0 check (consumption_wh >= 0),
    soc_permille integer,
    -- how many were accepted
    readings bigint not null default 0,
    -- the net generation for which a mint is written to the outbox; grows only
    settled_net_wh bigint not null default 0 check (settled_net_wh >= 0),
    -- the last lock command's counter
    command_counter bigint not null default 0
);
create index meters_by_owner on meters (owner_id);
create index meters_by_gateway on meters (gateway);
create index meters_unsettled on meters (meter_id) where production_wh - consumption_wh > settled_net_wh;

create table readings (
    device bytea not null,
    sequence bigint not null,
    ended_at timestamptz not null,
    production_wh bigint not null,
    consumption_wh bigint not null,
    soc_permille integer not null,
    flags integer not null,
    interval_s bigint not null,
    signature bytea not null,
    received_at timestamptz not null,
    primary key (device, sequence)
);

create table reading_rejections (
    code text primary key,
    count bigint not null
);

create table epochs (
    zone text not null,
    number bigint not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    status text not null check (status in ('pending', 'active', 'cleared', 'settled')),
    clearing_price bigint,
    volume_wh bigint not null default 0,
    trades integer not null default 0,
    high_price bigint,
    low_price bigint,
    open_interest_wh bigint not null default 0,
    -- the fairness of the epoch: reached, and the most that its orders allowed
    welfare_ugrx bigint not null default 0,
    welfare_max_ugrx bigint not null default 0,
    volume_max_wh bigint not null default 0,
    primary key (zone, number)
);
create index epochs_open on epochs (ends_at) where status in ('pending', 'active');
create index epochs_unsettled on epochs (zone, number) where status = 'cleared';

create table orders (
    id uuid primary key,
    -- time priority: the order of acceptance
    sequence bigint generated always as identity unique,
    owner_id uuid not null references users,
    side text not null check (side in ('buy', 'sell')),
    zone text not null,
    epoch bigint not null,
    energy_wh bigint not null check (energy_wh > 0),
    limit_price bigint not null check (limit_price > 0),
    filled_wh bigint not null default 0 check (filled_wh between 0 and energy_wh),
    settled_wh bigint not null default 0 check (settled_wh between 0 and filled_wh),
    -- a direct purchase names the sell order it takes, and takes nothing else
    target_order uuid references orders,
    status text not null check (status in
        ('pending', 'active', 'partially_filled', 'filled', 'settled', 'cancelled', 'expired', 'rejected')),
    -- requested: the deposit is in the outbox, unanswered; held: it lies in escrow; refused: the chain took nothing;
    -- closed: what the order did not use is in the outbox on its way back, or nothing is left
    escrow text not null default 'requested' check (escrow in ('requested', 'held', 'refused', 'closed')),
    -- when the escrow was confirmed: from then on the order may match
    escrowed_at timestamptz,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    closed_at timestamptz
);
create index orders_live on orders (zone, side, limit_price, sequence) where status in ('active', 'partially_filled');
create index orders_open_by_expiry on orders (expires_at) where status in ('pending', 'active', 'partially_filled');
create index orders_by_owner on orders (owner_id, sequence desc);
create index orders_by_zone_and_expiry on orders (zone, expires_at);
create index orders_escrow_requested on orders (owner_id) where escrow = 'requested';

create table idempotency_keys (
    wallet bytea not null,
    key text not null check (length(key) between 1 and 100),
    request_hash bytea not null,
    order_id uuid not null,
    created_at timestamptz not null,
    primary key (wallet, key)
);

create table matches (
    id uuid primary key,
    sequence bigint generated always as identity unique,
    zone text not null,
    epoch bigint not null,
    buy_order uuid not null references orders,
    sell_order uuid not null references orders,
    energy_wh bigint not null check (energy_wh > 0),
    price bigint not null check (price > 0),
    value_ugrx bigint not null check (value_ugrx >= 0),
    -- the buyer's escrowed share of this match; what exceeds the value goes back at settlement
    buyer_share_ugrx bigint not null check (buyer_share_ugrx >= value_ugrx),
    matched_at timestamptz not null,
    -- pending_{id} until the settlement is on chain
    tx_signature text not null,
    foreign key (zone, epoch) references epochs (zone, number)
);
create index matches_by_epoch on matches (zone, epoch);
create index matches_by_buy_order on matches (buy_order);
create index matches_by_sell_order on matches (sell_order);

create table settlements (
    id uuid primary key,
    match_id uuid not null unique references matches,
    zone text not null,
    epoch bigint not null,
    energy_wh bigint not null,
    value_ugrx bigint not null,
    fee_ugrx bigint not null check (fee_ugrx between 0 and value_ugrx),
    refund_ugrx bigint not null check (refund_ugrx >= 0),
    status text not null check (status in ('pending', 'completed', 'failed')),
    tx_signature text,
    created_at timestamptz not null,
    completed_at timestamptz,
    foreign key (zone, epoch) references epochs (zone, number)
);
create index settlements_pending on settlements (zone, epoch) where status <> 'completed';

-- Every transaction for the chain is written here, in the database transaction of its cause.
create table chain_outbox (
    id bigint generated always as identity primary key,
    -- names the intent: the same intent is never written twice
    intent_id uuid not null unique,
    kind text not null,
    intent jsonb not null,
    status text not null default 'pending' check (status in ('pending', 'sent', 'confirmed', 'refused', 'parked')),
    attempts integer not null default 0,
    -- wall time, unlike the others
    next_attempt_at timestamptz not null,
    -- the signed transaction is stored before it is first sent
    transaction bytea,
    tx_signature text,
    last_valid_block_height bigint,
    -- the slot the blockhash is from: the transaction cannot have landed before it
    signed_slot bigint,
    last_error text,
    created_at timestamptz not null,
    confirmed_at timestamptz
);
create index chain_outbox_open on chain_outbox (id) where status in ('pending', 'sent');
create index chain_outbox_attention on chain_outbox (id) where status in ('parked', 'refused');

create table mints (
    id uuid primary key,
    meter_id text not null references meters,
    owner_id uuid not null references users,
    from_net_wh bigint not null,
    to_net_wh bigint not null check (to_net_wh > from_net_wh),
    status text not null check (status in ('pending', 'completed')),
    tx_signature text,
    created_at timestamptz not null,
    completed_at timestamptz,
    unique (meter_id, from_net_wh)
);

create table grants (
    id uuid primary key,
    wallet bytea not null,
    amount_ugrx bigint not null check (amount_ugrx > 0),
    status text not null check (status in ('pending', 'completed', 'failed')),
    created_at timestamptz not null
);

-- One lock per sell order: the device holds the energy of all its matches so far.
create table device_locks (
    order_id uuid primary key references orders,
    device bytea not null,
    energy_wh bigint not null check (energy_wh > 0),
    expires_at timestamptz not null,
    status text not null check (status in ('queued', 'sent', 'acknowledged', 'rejected', 'released', 'expired')),
    -- of the command that the device has to answer
    counter bigint,
    sent_at timestamptz,
    -- what that command says
    commanded_wh bigint not null default 0,
    commanded_until timestamptz,
    -- a device that could not take the command yet is not asked again before
    not_before timestamptz,
    -- what the device holds now
    acknowledged_wh bigint not null default 0,
    -- what it has delivered under locks that have ended; the next command asks for the rest only
    delivered_wh bigint not null default 0,
    refusal text,
    ever_sent boolean not null default false,
    ever_acknowledged boolean not null default false
);
create index device_locks_open on device_locks (device) where status in ('queued', 'sent', 'acknowledged');

-- The newest signed statement of each device.
create table device_states (
    device bytea primary key,
    sequence bigint not null,
    stated_at timestamptz not null,
    statement jsonb not null
);
