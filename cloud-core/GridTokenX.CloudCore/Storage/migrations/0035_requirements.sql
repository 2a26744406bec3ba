-- Statements that travel together may depend on one another without an answer in between: when something is not as the
-- sender has it, the statement that says so fails, and with it everything that follows, the commit included.
create function require(holds boolean, what text) returns boolean language plpgsql as $$
begin
    if holds is not true then
        raise exception 'It does not hold that %.', what using errcode = 'GTX01';
    end if;
    return true;
end $$;
