-- Gateways that belong to somebody, devices that follow one another at a meter, and what gateways tell of themselves.
-- Times of claims and of contact are wall time; the others are market time.

-- ---- gateways and their owners

alter table gateways
    -- null: the operator's, for meters of any owner
    add column owner_id uuid references users,
    -- of the meters that are paired through it
    add column zone text,
    add column claimed_at timestamptz,
    -- until then the gateway may register meters for its owner
    add column pairing_until timestamptz,
    add constraint gateways_claimed check ((owner_id is null) = (claimed_at is null));
create index gateways_by_owner on gateways (owner_id) where owner_id is not null;

-- The owner's word that a gateway may be his: good once, for a quarter of an hour.
create table gateway_claims (
    -- SHA-256; the code itself is shown once and kept nowhere
    code_hash bytea primary key check (length(code_hash) = 32),
    owner_id uuid not null references users,
    name text not null,
    zone text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    -- the gateway that has used it
    gateway bytea references gateways,
    -- what that gateway was answered: asking again is answered the same
    pairing_until timestamptz
);
create index gateway_claims_by_owner on gateway_claims (owner_id, expires_at);

-- ---- meters and their devices

alter table meters
    -- the device that the chain knows, the meter's first; null while it is the present one
    add column chain_device bytea check (length(chain_device) = 32),
    -- the meter's registers less the device's own; null while a device that took over has told nothing yet: its first
    -- reading begins where the meter stands
    add column production_offset_wh bigint default 0,
    add column consumption_offset_wh bigint default 0,
    -- what a device that took over has counted before does not count here
    add column device_since timestamptz,
    -- nothing of its device is believed any more
    add column revoked_at timestamptz,
    -- the outbox has it
    add column deactivation_at timestamptz,
    add column deactivated_on_chain_at timestamptz,
    -- the device has answered a command under the key of this pairing
    add column paired_at timestamptz,
    -- of the command that asks it to
    add column probe_counter bigint,
    add column probe_until timestamptz,
    add constraint meters_offsets check ((production_offset_wh is null) = (consumption_offset_wh is null));
create index meters_probed on meters (probe_until) where probe_counter is not null and paired_at is null;
create index meters_to_deactivate on meters (meter_id) where revoked_at is not null and deactivation_at is null;

-- Devices whose meter another one has taken over; a key comes back at no meter.
create table former_devices (
    device bytea primary key check (length(device) = 32),
    meter_id text not null references meters,
    since timestamptz,
    -- what it has counted until then still counts
    until timestamptz not null,
    -- its own; registers are null when it never told any
    last_sequence bigint not null,
    last_reading_at timestamptz,
    production_wh bigint,
    consumption_wh bigint
);

-- Gateways that may still bring what a device has signed until then.
create table former_gateways (
    device bytea not null,
    gateway bytea not null references gateways,
    until timestamptz not null,
    primary key (device, gateway)
);

-- Who has changed what belongs to whom.
create table registration_events (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    kind text not null,
    -- whose key has signed
    actor bytea not null,
    gateway bytea,
    device bytea,
    meter_id text
);

-- ---- what gateways tell of themselves

create table gateway_summaries (
    gateway bytea primary key references gateways,
    received_at timestamptz not null,
    -- by the gateway's clock; null while it does not know the time
    sent_at timestamptz,
    backlog bigint not null,
    oldest_pending timestamptz,
    quarantined bigint not null,
    alarms text[] not null
);

create table device_sights (
    device bytea primary key,
    gateway bytea not null references gateways,
    received_at timestamptz not null,
    online boolean,
    last_sequence bigint not null,
    last_reading_at timestamptz,
    soc_permille integer,
    clock_offset_s bigint
);
create index device_sights_by_gateway on device_sights (gateway);
