-- Token accounts that were missing when something was to be paid into them, and that we paid for. Once in a while only:
-- whoever closes his own gets its rent.
create table paid_token_accounts (
    account bytea primary key check (length(account) = 32),
    -- for which intent
    intent uuid not null,
    paid_at timestamptz not null
);
