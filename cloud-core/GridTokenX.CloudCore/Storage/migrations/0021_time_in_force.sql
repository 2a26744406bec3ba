-- How long an order stands: until its expiry, or for the one cycle or auction that it comes into first.
alter table orders add column time_in_force text not null default 'gtc'
    check (time_in_force in ('gtc', 'ioc', 'fok'));

-- a direct purchase takes what it names, and does not wait for more
update orders set time_in_force = 'ioc' where target_order is not null;
