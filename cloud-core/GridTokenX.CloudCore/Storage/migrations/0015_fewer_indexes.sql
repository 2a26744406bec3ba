-- A new order is written into fewer indexes: what one of them found, another one finds as well, or a scan of the
-- table's newest blocks.

-- orders_open_by_owner holds these and the other open ones of an owner, who has a hundred at most
drop index orders_escrow_requested;
-- the identity gives each number once, and nobody looks for one
alter table orders drop constraint orders_sequence_key;
-- asked for when an epoch is cleared: orders that had not expired then. They lie together, as they came.
drop index orders_by_zone_and_expiry;
create index orders_by_expiry on orders using brin (expires_at timestamptz_minmax_multi_ops);

drop index idempotency_keys_by_age;
create index idempotency_keys_by_age on idempotency_keys using brin (created_at);

alter table idempotency_keys
    -- of a request with several orders: what became of each, taken or refused; null for a request with one
    add column results jsonb;
