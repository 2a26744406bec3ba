using GridTokenX.CloudCore.Storage;
using GridTokenX.Testing;
using Npgsql;

namespace GridTokenX.CloudCore.Tests.Storage;

public sealed class MigratorTests : IAsyncLifetime
{
    private static readonly Migration First = new(
        "0001_first", "create table first (id integer); insert into first values (1);");
    private static readonly Migration Second = new("0002_second", "create table second (id integer);");

    private NpgsqlDataSource _source = null!;

    public async Task InitializeAsync() =>
        _source = NpgsqlDataSource.Create(await (await PostgresServer.SharedAsync()).CreateDatabaseAsync());

    public async Task DisposeAsync() => await _source.DisposeAsync();

    [Fact]
    public async Task The_embedded_migrations_apply_to_an_empty_database_once()
    {
        (await ApplyAsync([.. Migration.Embedded()])).ShouldBe(Migration.Embedded().Select(static m => m.Name));
        (await ApplyAsync([.. Migration.Embedded()])).ShouldBeEmpty();
        Migration.Embedded()[0].Name.ShouldBe("0001_market");
    }

    [Fact]
    public async Task Only_what_is_missing_is_applied_in_order()
    {
        (await ApplyAsync(First)).ShouldBe(["0001_first"]);
        (await ApplyAsync(First, Second)).ShouldBe(["0002_second"]);
        (await ScalarAsync("select count(*) from first")).ShouldBe(1);
    }

    [Fact]
    public async Task Start_with_nothing_missing_waits_for_no_lock()
    {
        _ = await ApplyAsync(First);
        await using var stuck = await _source.OpenConnectionAsync();
        await using var command = new NpgsqlCommand($"select pg_advisory_lock({Migrator.AdvisoryLock})", stuck);
        _ = await command.ExecuteNonQueryAsync();
        (await ApplyAsync(First).WaitAsync(TimeSpan.FromSeconds(20))).ShouldBeEmpty();
    }

    [Fact]
    public async Task Processes_that_start_together_apply_each_migration_once()
    {
        var applied = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => ApplyAsync(First, Second)));
        applied.SelectMany(static names => names).Order().ShouldBe(["0001_first", "0002_second"]);
    }

    [Fact]
    public async Task An_applied_migration_that_was_changed_is_refused()
    {
        _ = await ApplyAsync(First);
        var failure = await Should.ThrowAsync<MigrationException>(
            () => ApplyAsync(First with { Sql = First.Sql + " -- changed" }, Second));
        failure.Message.ShouldContain("0001_first");
        (await ScalarAsync("select count(*) from schema_migrations")).ShouldBe(1);
    }

    [Fact]
    public async Task A_database_of_a_newer_program_is_refused()
    {
        _ = await ApplyAsync(First, Second);
        (await Should.ThrowAsync<MigrationException>(() => ApplyAsync(First))).Message.ShouldContain("0002_second");
    }

    [Fact]
    public async Task A_migration_slipped_in_before_an_applied_one_is_refused()
    {
        _ = await ApplyAsync(Second);
        (await Should.ThrowAsync<MigrationException>(() => ApplyAsync(First, Second)))
            .Message.ShouldContain("0001_first");
    }

    [Fact]
    public async Task A_migration_that_fails_leaves_nothing_of_itself()
    {
        var failing = new Migration("0002_failing", "create table half (id integer); select * from nowhere;");
        _ = await Should.ThrowAsync<PostgresException>(() => ApplyAsync(First, failing));
        (await ScalarAsync("select count(*) from pg_tables where tablename in ('first', 'half')")).ShouldBe(1);
        (await ApplyAsync(First, Second)).ShouldBe(["0002_second"]);
    }

    private Task<IReadOnlyList<string>> ApplyAsync(params Migration[] migrations) =>
        Migrator.ApplyAsync(_source, migrations, CancellationToken.None);

    private async Task<long> ScalarAsync(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
