using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Trading;
using GridTokenX.Testing;
using Npgsql;

namespace GridTokenX.CloudCore.Tests.Storage;

/// <summary>Statements that go to the server with the commit, against a real one.</summary>
public sealed class PendingWritesTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    // As the product opens them.
    private const string Reused = ";Max Auto Prepare=20;Auto Prepare Min Usages=2;No Reset On Close=true";

    private NpgsqlDataSource _database = null!;

    public async Task InitializeAsync()
    {
        var server = await PostgresServer.SharedAsync();
        _database = NpgsqlDataSource.Create(await server.CreateDatabaseAsync() + Reused);
        _ = await Migrator.ApplyAsync(_database, Migration.Embedded(), None);
        await using var command = _database.CreateCommand("create table lines (number integer primary key, text text)");
        _ = await command.ExecuteNonQueryAsync();
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task They_are_written_in_their_order_and_committed()
    {
        (await _database.TransactAsync(
            async unit =>
            {
                var writes = unit.Writes;
                AddLine(writes, 1, "first");
                writes.Add("update lines set text = text || ', then second'");
                AddLine(writes, 2, "third");
                await unit.CommitAsync(None);

                // It is over, and nobody needs to know: whoever commits by the usual way does nothing.
                (await TextsAsync()).ShouldBe(["first, then second", "third"]);
                return 7;
            },
            None)).ShouldBe(7);
        (await TextsAsync()).Count.ShouldBe(2);
    }

    [Fact]
    public async Task One_that_fails_takes_all_of_them_and_the_commit_with_it()
    {
        await using (var unit = await _database.BeginAsync(None))
        {
            var writes = unit.Writes;
            AddLine(writes, 1, "first");
            await writes.FlushAsync(None);
            AddLine(writes, 2, "second");
            AddLine(writes, 1, "the first again");
            AddLine(writes, 3, "third");
            var failure = await Should.ThrowAsync<PostgresException>(() => unit.CommitAsync(None));
            failure.SqlState.ShouldBe(PostgresErrorCodes.UniqueViolation);
        }

        (await TextsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task End_of_the_transaction_is_told_once_and_the_last_who_asked_hears_first()
    {
        List<string> heard = [];
        await using (var unit = await _database.BeginAsync(None))
        {
            unit.OnEnd(isCommitted => heard.Add($"first {isCommitted}"));
            unit.OnEnd(isCommitted => heard.Add($"last {isCommitted}"));
            AddLine(unit.Writes, 1, "there");
            await unit.CommitAsync(None);
            heard.ShouldBe(["last True", "first True"]);
            await unit.CommitAsync(None);
        }

        await using (var unit = await _database.BeginAsync(None))
        {
            unit.OnEnd(isCommitted => heard.Add($"given up {isCommitted}"));
            AddLine(unit.Writes, 2, "never there");
        }

        await using (var unit = await _database.BeginAsync(None))
        {
            unit.OnEnd(isCommitted => heard.Add($"failed {isCommitted}"));
            AddLine(unit.Writes, 1, "twice");
            _ = await Should.ThrowAsync<PostgresException>(() => unit.CommitAsync(None));
        }

        heard.ShouldBe(["last True", "first True", "given up False", "failed False"]);
        (await TextsAsync()).ShouldBe(["there"]);
    }

    [Fact]
    public async Task Its_connection_is_as_good_as_any_afterwards()
    {
        for (var number = 0; number < 5; number++)
        {
            await using var unit = await _database.BeginAsync(None);
            var writes = unit.Writes;
            AddLine(writes, number, "one of five");
            await unit.CommitAsync(None);
        }

        await using (var unit = await _database.BeginAsync(None))
        {
            AddLine(new PendingWrites(unit.Transaction), 5, "never sent");
            await unit.CommitAsync(None);
        }

        (await TextsAsync()).Count.ShouldBe(5);
    }

    [Fact]
    public async Task Plan_that_is_kept_reads_no_table_as_a_whole_however_small_it_was()
    {
        await using var unit = await _database.BeginAsync(None);
        await RunAsync(unit, $"select {LookupPlans.Settings}");
        var locking = OrderQueries.Locking.Replace("@ids", "$1", StringComparison.Ordinal);
        await RunAsync(unit, $"prepare locking (uuid[]) as {locking}");
        await using var command = new NpgsqlCommand(
            "explain execute locking ('{}')", unit.Connection, unit.Transaction);
        await using var reader = await command.ExecuteReaderAsync();
        List<string> plan = [];
        while (await reader.ReadAsync())
        {
            plan.Add(reader.GetString(0));
        }

        plan.ShouldContain(static line => line.Contains("Index", StringComparison.Ordinal), string.Join('\n', plan));
        plan.ShouldNotContain(static line => line.Contains("Seq Scan", StringComparison.Ordinal));
    }

    private static void AddLine(PendingWrites writes, int number, string text) => writes.Add(
        "insert into lines (number, text) values ($1, $2)", PendingWrites.Value(number), PendingWrites.Value(text));

    private static async Task RunAsync(UnitOfWork unit, string sql)
    {
        await using var command = new NpgsqlCommand(sql, unit.Connection, unit.Transaction);
        _ = await command.ExecuteNonQueryAsync();
    }

    private Task<IReadOnlyList<string>> TextsAsync() =>
        _database.QueryAsync<string>("select text from lines order by number", null, None);
}
