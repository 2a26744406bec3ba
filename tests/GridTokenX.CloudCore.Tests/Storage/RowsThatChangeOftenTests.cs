using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Testing;
using Npgsql;

namespace GridTokenX.CloudCore.Tests.Storage;

/// <summary>What is written again and again costs no more for what it was before.</summary>
public sealed class RowsThatChangeOftenTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private NpgsqlDataSource _database = null!;

    public async Task InitializeAsync()
    {
        var server = await PostgresServer.SharedAsync();
        _database = NpgsqlDataSource.Create(await server.CreateDatabaseAsync());
        _ = await Migrator.ApplyAsync(_database, Migration.Embedded(), None);
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task No_index_speaks_of_what_a_reading_changes()
    {
        (await LinesAsync(
            """
            select indexdef from pg_indexes
            where tablename = 'meters'
                and indexdef ~ '(last_sequence|last_reading_at|_wh|soc_permille|readings)'
            """)).ShouldBeEmpty();
        (await LinesAsync("select indexdef from pg_indexes where indexname = 'meters_unsettled'"))
            .ShouldHaveSingleItem().ShouldEndWith("WHERE unsettled");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3000)]
    public async Task What_is_due_is_found_in_the_order_of_its_own_index(int confirmed)
    {
        await using (var command = _database.CreateCommand(
            """
            insert into chain_outbox (intent_id, kind, intent, status, next_attempt_at, created_at)
            select gen_random_uuid(), 'grant', '{}', 'confirmed', now(), now() from generate_series(1, $1)
            """))
        {
            command.Parameters.Add(new() { Value = confirmed });
            _ = await command.ExecuteNonQueryAsync();
        }

        await using var batch = _database.CreateBatch();
        var explained = new NpgsqlBatchCommand($"explain (costs off) {OutboxTable.Due}")
        {
            Parameters =
            {
                new NpgsqlParameter { Value = DateTimeOffset.UnixEpoch },
                new NpgsqlParameter { Value = Array.Empty<long>() },
                new NpgsqlParameter { Value = 128 },
            },
        };
        await using var reader = await batch.ReadPlannedAsync(LookupPlans.QueueSettings, explained, None);
        var plan = await LinesOfAsync(reader);
        var all = string.Join('\n', plan);
        plan.Count(static line => line.Contains("Scan", StringComparison.Ordinal)).ShouldBe(1, all);
        plan[1].ShouldContain("Index Scan using chain_outbox_open on chain_outbox", customMessage: all);
    }

    private async Task<List<string>> LinesAsync(string sql)
    {
        await using var command = _database.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        return await LinesOfAsync(reader);
    }

    private static async Task<List<string>> LinesOfAsync(NpgsqlDataReader reader)
    {
        var lines = new List<string>();
        while (await reader.ReadAsync())
        {
            lines.Add(reader.GetString(0));
        }

        return lines;
    }
}
