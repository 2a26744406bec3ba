-- What has changed, for those who watch. A row for each statement, not for each row that it wrote; in the transaction
-- of the change, so it is never seen before the change is, and never without it. Nobody is notified: readers ask for
-- what was not visible to them the last time (decision 33). It holds nothing that is not elsewhere, so it is not
-- logged: after a crash of the server readers begin anew.
create unlogged table live_changes (
    id bigint generated always as identity primary key,
    xid xid8 not null default pg_current_xact_id(),
    kind text not null,
    zones text[] not null default '{}',
    owners uuid[] not null default '{}',
    at timestamptz not null default clock_timestamp()
);
create index live_changes_by_xid on live_changes (xid);
create index live_changes_by_age on live_changes (at);

create function live_orders_changed() returns trigger language plpgsql as $$
begin
    insert into live_changes (kind, zones, owners)
    select 'orders', array_agg(distinct zone), array_agg(distinct owner_id) from changed having count(*) > 0;
    return null;
end $$;
create trigger orders_inserted_live after insert on orders
    referencing new table as changed for each statement execute function live_orders_changed();
create trigger orders_updated_live after update on orders
    referencing new table as changed for each statement execute function live_orders_changed();

create function live_zone_changed() returns trigger language plpgsql as $$
begin
    insert into live_changes (kind, zones)
    select tg_table_name, array_agg(distinct zone) from changed having count(*) > 0;
    return null;
end $$;
create trigger matches_inserted_live after insert on matches
    referencing new table as changed for each statement execute function live_zone_changed();
create trigger epochs_inserted_live after insert on epochs
    referencing new table as changed for each statement execute function live_zone_changed();
create trigger epochs_updated_live after update on epochs
    referencing new table as changed for each statement execute function live_zone_changed();

create function live_settlements_changed() returns trigger language plpgsql as $$
begin
    insert into live_changes (kind, owners)
    select 'settlements', array_agg(distinct o.owner_id)
    from changed c join matches m on m.id = c.match_id join orders o on o.id in (m.buy_order, m.sell_order)
    having count(*) > 0;
    return null;
end $$;
create trigger settlements_inserted_live after insert on settlements
    referencing new table as changed for each statement execute function live_settlements_changed();
create trigger settlements_updated_live after update on settlements
    referencing new table as changed for each statement execute function live_settlements_changed();

create function live_locks_changed() returns trigger language plpgsql as $$
begin
    insert into live_changes (kind, owners)
    select 'locks', array_agg(distinct o.owner_id) from changed c join orders o on o.id = c.order_id
    having count(*) > 0;
    return null;
end $$;
create trigger device_locks_inserted_live after insert on device_locks
    referencing new table as changed for each statement execute function live_locks_changed();
create trigger device_locks_updated_live after update on device_locks
    referencing new table as changed for each statement execute function live_locks_changed();

create function live_readings_changed() returns trigger language plpgsql as $$
begin
    insert into live_changes (kind, owners)
    select 'readings', array_agg(distinct m.owner_id)
    from (select distinct device from changed) c join meters m on m.device = c.device
    having count(*) > 0;
    return null;
end $$;
create trigger readings_inserted_live after insert on readings
    referencing new table as changed for each statement execute function live_readings_changed();

-- The newest trades of a zone.
create index matches_by_zone on matches (zone, sequence);
