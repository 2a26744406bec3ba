-- The transaction that gave back what an order did not use; of its escrow there is such an index already.
create index chain_events_order_closings on chain_events ((event->>'owner'), (event->>'order_id'), slot)
    where kind = 'order_cancelled';
