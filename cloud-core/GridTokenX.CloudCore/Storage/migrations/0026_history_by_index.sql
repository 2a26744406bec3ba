-- What workers ask again and again is found by an index, however long the history is.

-- The orders that have left a zone's book since an epoch began.
create index orders_closed on orders (zone, closed_at) where closed_at is not null;

create index meters_by_zone on meters (zone);

-- A range that nobody has summarised is read by everybody who asks: the newest ones, until a vacuum comes.
alter index orders_by_expiry set (autosummarize = on);
alter index idempotency_keys_by_age set (autosummarize = on);
