using GridTokenX.CloudCore.Tests.Trading;

namespace GridTokenX.CloudCore.Tests.Effects;

/// <summary>
/// Makes the n-th statement fail that writes anything, whichever that is: no list of statements that somebody would
/// have to keep.
/// </summary>
internal static class FailingStatement
{
    private const string Install =
        """
        create sequence statements;
        create table failing_statement (at bigint not null);
        insert into failing_statement values (0);
        create function fail_statement() returns trigger language plpgsql as $$
        begin
            -- a sequence counts on whatever is rolled back
            if nextval('statements') = (select at from failing_statement) then
                raise exception 'It fails at <% %>.', tg_op, tg_table_name;
            end if;
            return null;
        end $$;
        do $$
        declare name text;
        begin
            for name in
                select tablename from pg_tables
                where schemaname = 'public' and tablename not in ('failing_statement', 'schema_migrations')
            loop
                execute format(
                    'create trigger zz_fails after insert or update or delete on %I '
                    'for each statement execute function fail_statement()', name);
            end loop;
        end $$;
        """;

    // Every row of every table.
    private const string State =
        """
        select tablename || ' ' || md5(query_to_xml(
            format('select t::text as row from %I t order by 1', tablename), true, false, '')::text)
        from pg_tables
        where schemaname = 'public' and tablename not in ('failing_statement', 'schema_migrations')
        order by tablename
        """;

    internal static Task InstallAsync(MarketWorld world) => world.ExecuteAsync(Install);

    /// <summary>The n-th from now on fails, once.</summary>
    internal static Task SetAsync(MarketWorld world, int at) => world.ExecuteAsync(
        "update failing_statement set at = @at; select setval('statements', 1, false)", new { at });

    /// <summary>It has failed since it was set.</summary>
    internal static Task<bool> HasFailedAsync(MarketWorld world) =>
        world.OneAsync<bool>("select last_value >= at and is_called from statements, failing_statement");

    /// <summary>
    /// Does the work with each of its statements failing in turn, until it gets through; what it failed at. After each
    /// failure everything is as it was before.
    /// </summary>
    internal static async Task<IReadOnlyList<string>> EachAsync(MarketWorld world, Func<Task> work)
    {
        await InstallAsync(world);
        var before = await world.QueryAsync<string>(State);
        List<string> failed = [];
        while (true)
        {
            await SetAsync(world, failed.Count + 1);
            if (await Record.ExceptionAsync(work) is not { } fault)
            {
                (await world.QueryAsync<string>(State)).ShouldNotBe(before);
                return failed;
            }

            var text = fault.ToString();
            text.ShouldContain("It fails at <");
            failed.Add(text.Split("It fails at <")[1].Split('>')[0]);
            (await world.QueryAsync<string>(State)).ShouldBe(before, failed[^1]);
        }
    }
}
