-- A match of two zones: settled where the energy is fed in, so the match itself has the energy that was sent.
create table matches_across (
    match_id uuid primary key references matches,
    -- the seller's, which is the match's
    from_zone text not null,
    from_epoch bigint not null,
    to_zone text not null,
    -- what arrives of the energy sent; the rest is lost on the way
    arriving_wh bigint not null check (arriving_wh > 0),
    lost_wh bigint not null check (lost_wh >= 0),
    -- owed by the buyer to the grid for what arrives: no program collects it. What the settlement gives the buyer back
    -- of his escrow is never less.
    wheeling_ugrx bigint not null check (wheeling_ugrx >= 0),
    -- matched: waits for the settlement; due: owed; void: the settlement has failed for good
    charge text not null default 'matched' check (charge in ('matched', 'due', 'void'))
);
create index matches_across_epochs on matches_across (from_epoch, from_zone, to_zone);
