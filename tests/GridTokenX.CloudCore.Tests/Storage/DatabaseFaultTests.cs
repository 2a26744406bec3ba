using System.Net;
using System.Text;
using System.Text.Json;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace GridTokenX.CloudCore.Tests.Storage;

public sealed class DatabaseFaultTests
{
    [Fact]
    public async Task A_database_killed_between_batches_is_unavailable_until_it_is_back_and_nothing_is_doubled()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var host = await CloudHost.StartAsync(
            new CloudHostOptions { Database = await server.CreateDatabaseAsync() });
        using var home = await VirtualHome.RegisteredAsync(host);
        _ = await host.AdvanceAsync(CloudHost.Noon.AddDays(1));
        var batch = home.Readings(20)
            .Select(static r => JsonSerializer.Serialize(r, ProtocolJson.Default.SignedReading));
        await SendAsync(host, home, batch.Take(5)).ShouldBeStatusAsync(HttpStatusCode.OK);

        await server.Kill9Async();
        await SendAsync(host, home, batch).ShouldBeProblemAsync(
            HttpStatusCode.ServiceUnavailable, ProblemCodes.DatabaseUnavailable);
        await host.GetAsync(null, "/health").ShouldBeStatusAsync(HttpStatusCode.OK);
        await host.GetAsync(null, "/health/ready").ShouldBeStatusAsync(HttpStatusCode.ServiceUnavailable);

        await server.RestartAsync();
        var results = (await SendUntilTakenAsync(host, home, batch)).Results;
        results.Count(static r => r.Status == ReadingResult.Duplicate).ShouldBe(5);
        results.Count(static r => r.Status == ReadingResult.Accepted).ShouldBe(15);
        (await host.CountAsync("readings")).ShouldBe(20);
        await host.GetAsync(null, "/health/ready").ShouldBeStatusAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_database_killed_in_the_middle_of_many_batches_loses_and_doubles_nothing()
    {
        const int Homes = 8;
        const int Count = 90;
        await using var server = await PostgresServer.StartAsync();
        await using var host = await CloudHost.StartAsync(
            new CloudHostOptions { Database = await server.CreateDatabaseAsync() });
        var homes = await Task.WhenAll(Enumerable.Range(0, Homes).Select(_ => VirtualHome.RegisteredAsync(host)));
        _ = await host.AdvanceAsync(CloudHost.Noon.AddDays(2));
        var refusals = 0;
        var killed = new TaskCompletionSource();

        async Task DeliverAsync(VirtualHome home)
        {
            foreach (var (number, chunk) in home.Readings(Count).Chunk(3).Index())
            {
                // However quick they are, half of it comes when the database is away.
                if (number >= Count / 6)
                {
                    await killed.Task;
                }

                var lines = chunk.Select(static r => JsonSerializer.Serialize(r, ProtocolJson.Default.SignedReading));
                var response = await SendUntilTakenAsync(host, home, lines, () => Interlocked.Increment(ref refusals));
                response.Results.ShouldAllBe(static r => r.Code == null);
            }
        }

        var delivering = Task.WhenAll(homes.Select(DeliverAsync));
        while (await host.CountAsync("readings") < Homes * Count / 4)
        {
            await Task.Yield();
        }

        await server.Kill9Async();
        killed.SetResult();
        await Eventually.HoldsAsync(() => Volatile.Read(ref refusals) > 0);
        await server.RestartAsync();
        await delivering;

        refusals.ShouldBeGreaterThan(0);
        (await host.CountAsync("readings")).ShouldBe(Homes * Count);
        (await host.CountAsync(
            $"meters where last_sequence = {Count} and production_wh = {Count * 1_000} and readings = {Count}"))
            .ShouldBe(Homes);
        Array.ForEach(homes, static home => home.Dispose());
    }

    [Fact]
    public async Task The_process_waits_for_a_database_that_comes_late()
    {
        await using var server = await PostgresServer.StartAsync();
        var database = await server.CreateDatabaseAsync();
        await server.Kill9Async();
        await using var host = await CloudHost.StartAsync(
            new CloudHostOptions { Database = database, WaitUntilReady = false });

        await host.GetAsync(null, "/health").ShouldBeStatusAsync(HttpStatusCode.OK);
        await host.GetAsync(null, "/health/ready").ShouldBeStatusAsync(HttpStatusCode.ServiceUnavailable);
        await host.PostTextAsync(null, "/simulation/advance", """{"now":"2026-06-01T12:00:00Z"}""")
            .ShouldBeProblemAsync(
            HttpStatusCode.ServiceUnavailable, ProblemCodes.DatabaseUnavailable);

        await server.RestartAsync();
        await host.Services.GetRequiredService<DatabaseReadiness>().WaitAsync(CancellationToken.None);
        await host.GetAsync(null, "/health/ready").ShouldBeStatusAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_schema_that_does_not_fit_ends_the_process()
    {
        var database = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        await using (var source = NpgsqlDataSource.Create(database))
        {
            _ = await Migrator.ApplyAsync(source, [new("9999_newer", "select 1")], CancellationToken.None);
        }

        await using var host = await CloudHost.StartAsync(
            new CloudHostOptions { Database = database, WaitUntilReady = false });

        var readiness = host.Services.GetRequiredService<DatabaseReadiness>();
        _ = await Should.ThrowAsync<MigrationException>(() => readiness.WaitAsync(CancellationToken.None));
        readiness.HasFailed.ShouldBeTrue();
        var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        await Should.ThrowAsync<TaskCanceledException>(() => Task.Delay(TimeSpan.FromSeconds(60), stopping));
    }

    private static async Task<ReadingBatchResponse> SendUntilTakenAsync(
        CloudHost host, VirtualHome home, IEnumerable<string> lines, Action? refused = null)
    {
        while (true)
        {
            using var response = await SendAsync(host, home, lines);
            if (response.IsSuccessStatusCode)
            {
                return JsonSerializer.Deserialize(
                    await response.Content.ReadAsStringAsync(), ProtocolJson.Default.ReadingBatchResponse)!;
            }

            response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable, await response.Content.ReadAsStringAsync());
            refused?.Invoke();
        }
    }

    private static async Task<HttpResponseMessage> SendAsync(
        CloudHost host, VirtualHome home, IEnumerable<string> lines)
    {
        using var content = new StringContent(string.Join('\n', lines), Encoding.UTF8, "application/x-ndjson");
        return await host.Client(home.Gateway).PostAsync(home.ReadingsPath, content);
    }
}
