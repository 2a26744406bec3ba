using System.Net;
using System.Text;
using System.Text.Json;
using GridTokenX.CloudCore.Ingest;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Readings;
using GridTokenX.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace GridTokenX.CloudCore.Tests.Ingest;

/// <summary>Requests that meet in one transaction: a meter that somebody else locked holds up the writer.</summary>
public sealed class GroupedReadingTests : IAsyncLifetime
{
    private CloudHost _host = null!;
    private VirtualHome[] _homes = [];

    public async Task InitializeAsync()
    {
        _host = await CloudHost.StartAsync(new CloudHostOptions
        {
            Settings = new Dictionary<string, string>
            {
                ["Ingest:Writers"] = "1",
                ["Ingest:MaxReadingsInHand"] = "500",
            },
        });
        _ = await _host.AdvanceAsync(CloudHost.Noon.AddDays(5));
        _homes = [.. await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => VirtualHome.RegisteredAsync(_host)))];
    }

    public async Task DisposeAsync()
    {
        Array.ForEach(_homes, static home => home.Dispose());
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task Batches_that_waited_are_stored_by_one_transaction()
    {
        await using var held = await HoldAsync(_homes[0]);
        var first = SendAsync(_homes[0], _homes[0].Readings(2));
        await WriterWaitsAsync();
        Task<IReadOnlyList<ReadingResult>>[] others =
        [
            .. _homes[1..].Select(home => SendAsync(home, home.Readings(3))),
            SendAsync(_homes[1], _homes[1].Readings(5)),
        ];
        await WaitersAsync(4);

        await held.Transaction.RollbackAsync();
        var results = await Task.WhenAll([first, .. others]);

        results.SelectMany(static r => r).ShouldAllBe(static r => r.Code == null);
        results[^1].Count(static r => r.Status == ReadingResult.Accepted).ShouldBeGreaterThanOrEqualTo(2);
        (await _host.CountAsync("readings")).ShouldBe(2 + 5 + 3 + 3);
        (await _host.CountAsync("(select distinct xmin::text from readings) as transactions")).ShouldBe(2);
    }

    [Fact]
    public async Task A_batch_that_the_database_refuses_spoils_none_of_its_group()
    {
        await ExecuteAsync(
            $"""
            create function refuse() returns trigger language plpgsql as
                $$ begin raise exception 'no room for this one'; end $$;
            create trigger refuse before insert on readings for each row
                when (new.device = '\x{Convert.ToHexStringLower(_homes[2].Device.PublicKey.ToArray())}')
                execute function refuse();
            """);
        await using var held = await HoldAsync(_homes[0]);
        var first = SendAsync(_homes[0], _homes[0].Readings(1));
        await WriterWaitsAsync();
        var good = SendAsync(_homes[1], _homes[1].Readings(2));
        var bad = PostAsync(_homes[2], _homes[2].Readings(2));
        var alsoGood = SendAsync(_homes[3], _homes[3].Readings(2));
        await WaitersAsync(3);

        await held.Transaction.RollbackAsync();

        await bad.ShouldBeProblemAsync(HttpStatusCode.InternalServerError, ProblemCodes.InternalError);
        (await Task.WhenAll(first, good, alsoGood)).SelectMany(static r => r)
            .ShouldAllBe(static r => r.Status == ReadingResult.Accepted);
        (await _host.CountAsync("readings")).ShouldBe(5);
    }

    [Fact]
    public async Task A_request_that_goes_away_while_its_batch_is_written_is_stored_and_a_duplicate_afterwards()
    {
        await using var held = await HoldAsync(_homes[0]);
        using var gone = new CancellationTokenSource();
        var readings = _homes[0].Readings(4);
        var sending = PostAsync(_homes[0], readings, gone.Token);
        await WriterWaitsAsync();
        await gone.CancelAsync();
        _ = await Should.ThrowAsync<OperationCanceledException>(sending);

        await held.Transaction.RollbackAsync();

        await Eventually.HoldsAsync(async () => await _host.CountAsync("readings") == 4);
        (await SendAsync(_homes[0], readings)).ShouldAllBe(static r => r.Status == ReadingResult.Duplicate);
    }

    [Fact]
    public async Task More_readings_than_may_be_in_hand_are_turned_away_until_there_is_room()
    {
        await using var held = await HoldAsync(_homes[0]);
        var first = SendAsync(_homes[0], _homes[0].Readings(301));
        await WriterWaitsAsync();

        using (var refused = await PostAsync(_homes[1], _homes[1].Readings(200)))
        {
            refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            refused.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
            (await refused.Content.ReadAsStringAsync()).ShouldContain($"\"{ProblemCodes.Overloaded}\"");
        }

        var fits = SendAsync(_homes[2], _homes[2].Readings(199));
        await WaitersAsync(1);
        await held.Transaction.RollbackAsync();
        _ = await Task.WhenAll(first, fits);
        (await SendAsync(_homes[1], _homes[1].Readings(200)))
            .ShouldAllBe(static r => r.Status == ReadingResult.Accepted);
    }

    [Fact]
    public async Task Batches_of_the_same_devices_in_any_order_wait_for_one_another_and_never_in_a_circle()
    {
        using var gateway = Protocol.Keys.SigningKey.Generate();
        await using var host = await CloudHost.StartAsync(new CloudHostOptions
        {
            Settings = new Dictionary<string, string> { ["Ingest:Writers"] = "8" },
        });
        _ = await host.AdvanceAsync(CloudHost.Noon.AddDays(1));
        var homes = new List<VirtualHome>();
        for (var i = 0; i < 6; i++)
        {
            homes.Add(await VirtualHome.RegisteredAsync(host, gateway));
        }

        var batches = Enumerable.Range(1, 24).Select(sequence =>
        {
            var readings = homes.Select(home => home.Reading(sequence)).ToList();
            return sequence % 2 == 0 ? readings : Enumerable.Reverse(readings).ToList();
        }).ToList();
        var ingest = host.Services.GetRequiredService<ReadingIngest>();
        var results = await Task.WhenAll(batches.Select(batch => ingest.TakeAsync(
            [.. batch.Select(static reading => Submission.Of(reading))], gateway.PublicKey, CancellationToken.None)));

        results.SelectMany(static r => r)
            .ShouldAllBe(static r => r.Code == null || r.Code == ProblemCodes.SequenceReused);
        var accepted = results.SelectMany(static r => r).Count(static r => r.Status == ReadingResult.Accepted);
        (await host.CountAsync("readings")).ShouldBe(accepted);
        (await host.CountAsync("meters where last_sequence = 24 and production_wh = 24000")).ShouldBe(6);
    }

    private async Task<HeldMeter> HoldAsync(VirtualHome home)
    {
        var connection = await _host.Database.OpenConnectionAsync();
        var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand(
            "select 1 from meters where meter_id = $1 for update", connection, transaction)
        {
            Parameters = { new() { Value = home.MeterId } },
        };
        _ = await command.ExecuteScalarAsync();
        return new HeldMeter(connection, transaction);
    }

    private Task WriterWaitsAsync() => Eventually.HoldsAsync(async () => await _host.CountAsync(
        "pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") > 0);

    private Task WaitersAsync(int count) => Eventually.HoldsAsync(
        () => _host.Services.GetRequiredService<ReadingCommit>().Waiters == count);

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _host.Database.CreateCommand(sql);
        _ = await command.ExecuteNonQueryAsync();
    }

    private async Task<IReadOnlyList<ReadingResult>> SendAsync(
        VirtualHome home, IReadOnlyList<SignedReading> readings) =>
        (await PostAsync(home, readings).ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.ReadingBatchResponse))
            .Results;

    private async Task<HttpResponseMessage> PostAsync(
        VirtualHome home, IReadOnlyList<SignedReading> readings, CancellationToken cancellationToken = default)
    {
        var lines = readings.Select(static r => JsonSerializer.Serialize(r, ProtocolJson.Default.SignedReading));
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(string.Join('\n', lines)));
        return await _host.Client(home.Gateway).PostAsync(home.ReadingsPath, content, cancellationToken);
    }

    private sealed record HeldMeter(NpgsqlConnection Connection, NpgsqlTransaction Transaction) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Transaction.DisposeAsync();
            await Connection.DisposeAsync();
        }
    }
}
