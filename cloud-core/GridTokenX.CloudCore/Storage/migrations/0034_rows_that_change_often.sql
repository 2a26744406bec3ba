-- A reading rewrites its meter's row. Where no index speaks of what has changed, and the page has room, that touches no
-- index at all: so what is indexed is whether a meter has something to settle, which changes twice a day.
drop index meters_unsettled;
-- room for all rows of a page once more: a batch of readings rewrites every one of them
alter table meters set (fillfactor = 50);
alter table meters
    add column unsettled boolean not null generated always as (production_wh - consumption_wh > settled_net_wh) stored;
create index meters_unsettled on meters (meter_id) where unsettled;

-- A row of the outbox is written four times within a second and then never again. By default the table would be
-- vacuumed when a fifth of all that it ever held has changed, and its queues' indexes would keep what left them until
-- then.
alter table chain_outbox set (
    autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,
    autovacuum_analyze_scale_factor = 0.02, autovacuum_analyze_threshold = 1000);
