-- Who signs in, with which roles, and what the privileged have done. Times are wall time.

-- Beside prosumer and consumer, which stand in users.
create table account_roles (
    user_id uuid not null references users,
    role text not null check (role in ('ami', 'operator', 'admin')),
    granted_at timestamptz not null,
    primary key (user_id, role)
);

-- Users who sign in with a password. Nobody has the secret of their access key: a session stands for it.
create table email_accounts (
    user_id uuid primary key references users,
    -- lower case
    email text not null unique check (length(email) between 3 and 254),
    -- Argon2id with salt and parameters
    password_hash text not null,
    created_at timestamptz not null,
    password_changed_at timestamptz not null
);

-- One-time tokens that were sent by e-mail.
create table account_tokens (
    -- SHA-256
    token_hash bytea primary key check (length(token_hash) = 32),
    purpose text not null check (purpose in ('verify', 'reset')),
    email text not null,
    -- the registration that waits for its verification; null for a reset
    password_hash text,
    name text,
    role text,
    created_at timestamptz not null,
    expires_at timestamptz not null
);
create index account_tokens_by_email on account_tokens (email, purpose, created_at);
create index account_tokens_by_expiry on account_tokens (expires_at);

-- Letters to be delivered; gone once they are.
create table letters (
    id uuid primary key,
    recipient text not null,
    subject text not null,
    body text not null,
    created_at timestamptz not null
);
create index letters_by_age on letters (created_at);

-- A session is a family of refresh tokens, of which only the newest is good.
create table sessions (
    id uuid primary key,
    -- whose requests it stands for; nobody needs to be registered with it yet
    access_key bytea not null check (length(access_key) = 32),
    method text not null check (method in ('wallet', 'password')),
    created_at timestamptz not null,
    last_used_at timestamptz not null,
    expires_at timestamptz not null,
    address text not null,
    user_agent text,
    revoked_at timestamptz,
    revoked_for text
);
create index sessions_by_key on sessions (access_key, created_at);
create index sessions_by_expiry on sessions (expires_at);

create table refresh_tokens (
    -- SHA-256
    token_hash bytea primary key check (length(token_hash) = 32),
    session_id uuid not null references sessions on delete cascade,
    created_at timestamptz not null,
    used_at timestamptz
);
create index refresh_tokens_by_session on refresh_tokens (session_id);
create index refresh_tokens_used on refresh_tokens (used_at) where used_at is not null;

-- Failed sign-ins by account (known or not) and by address; the subject is a hash of either.
create table sign_in_failures (
    subject bytea primary key check (length(subject) = 32),
    failures integer not null,
    last_at timestamptz not null,
    locked_until timestamptz not null
);
create index sign_in_failures_by_age on sign_in_failures (last_at);

-- Nonces carry their own proof; only those that were used are kept, until they expire.
create table used_nonces (
    nonce text primary key,
    expires_at timestamptz not null
);
create index used_nonces_by_expiry on used_nonces (expires_at);

-- Rows are only ever added, each with the hash of the one before.
create table audit_log (
    number bigint primary key check (number > 0),
    at timestamptz not null,
    actor text not null,
    action text not null,
    subject text,
    detail text,
    address text,
    previous bytea not null check (length(previous) = 32),
    -- SHA-256 over the canonical bytes of the row, the previous hash among them
    hash bytea not null unique check (length(hash) = 32),
    -- HMAC-SHA256 of the hash with a key that is not in the database
    seal bytea not null check (length(seal) = 32)
);

create function refuse_change_of_audit_log() returns trigger language plpgsql as $$
begin
    raise exception 'The audit log is only ever added to.' using errcode = 'insufficient_privilege';
end $$;
create trigger audit_log_stays before update or delete on audit_log
    for each row execute function refuse_change_of_audit_log();
create trigger audit_log_is_not_emptied before truncate on audit_log
    for each statement execute function refuse_change_of_audit_log();
