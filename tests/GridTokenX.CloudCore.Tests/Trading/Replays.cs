using System.Data;
using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Trading;

namespace GridTokenX.CloudCore.Tests.Trading;

/// <summary>A zone's journal against its books, in one look at the database.</summary>
internal static class Replays
{
    internal static async Task<ReplayOutcome> ReplayAsync(
        this MarketWorld world, string zone = "zone-1", bool isContinued = false)
    {
        await using var unit = await world.Database.BeginAsync(
            CancellationToken.None, IsolationLevel.RepeatableRead);
        return await new ZoneReplay(unit.Transaction, zone, isContinued).RunAsync(CancellationToken.None);
    }

    internal static async Task ShouldReplayAsync(this MarketWorld world, string zone = "zone-1") =>
        (await world.ReplayAsync(zone)).Fault.ShouldBeNull();
}
