using GridTokenX.CloudCore.Clearing;
using GridTokenX.CloudCore.Simulation;
using GridTokenX.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace GridTokenX.CloudCore.Tests.Clearing;

public sealed class TwoHostsTests
{
    [Theory]
    [InlineData("continuous")]
    [InlineData("call_auction")]
    public async Task Epochs_are_cleared_once_by_two_processes_on_one_database(string mode)
    {
        var database = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        var options = new CloudHostOptions
        {
            Database = database,
            Settings = new Dictionary<string, string> { ["Market:Mode"] = mode },
        };
        await using var one = await CloudHost.StartAsync(options);
        await using var two = await CloudHost.StartAsync(options);
        using var home = await VirtualHome.RegisteredAsync(one);
        for (var quarter = 1; quarter <= 8; quarter++)
        {
            var now = CloudHost.Noon.AddMinutes(15 * quarter);
            _ = await Task.WhenAll(one.AdvanceAsync(now), two.AdvanceAsync(now));
        }

        await using var command = one.Database.CreateCommand(
            "select count(*) filter (where status = 'settled'), count(*), count(distinct number) from epochs");
        await using var reader = await command.ExecuteReaderAsync();
        (await reader.ReadAsync()).ShouldBeTrue();
        (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2)).ShouldBe((8, 10, 10));

        // Every worker of the market is there, in its place.
        one.Services.GetServices<IMarketWorker>().OrderBy(static worker => worker.Order)
            .Select(static worker => worker.Name).Take(2).ShouldBe(["auction", "clear"]);
        one.Services.GetServices<IMarketWorker>().OfType<MeteringWorker>().ShouldHaveSingleItem();
    }
}
