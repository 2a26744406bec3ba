-- The operators' switch: with it new orders are refused. One row, or none as long as nobody has touched it.
create table maintenance (
    only_row boolean primary key default true check (only_row),
    enabled boolean not null,
    reason text,
    -- wall time of the last change
    since timestamptz not null,
    changed_by bytea not null check (length(changed_by) = 32)
);
