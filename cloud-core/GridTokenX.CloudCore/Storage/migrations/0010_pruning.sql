-- Idempotency keys are forgotten after some days, the oldest first.
create index idempotency_keys_by_age on idempotency_keys (created_at);
