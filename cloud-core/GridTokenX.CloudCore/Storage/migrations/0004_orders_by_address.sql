-- Whose order was at an address: a closing in a transaction whose log was cut off names no more than that.
create index chain_events_order_addresses on chain_events ((event->>'order'), slot, position)
    where kind = 'order_created';
