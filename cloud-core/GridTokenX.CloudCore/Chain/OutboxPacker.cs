using GridTokenX.Solana;

namespace GridTokenX.CloudCore.Chain;

/// <summary>Rows that go in one transaction.</summary>
internal sealed record OutboxPack(LaneKind Lane, IReadOnlyList<OutboxRow> Rows)
{
    public IReadOnlyList<ChainIntent> Intents => [.. Rows.Select(static row => row.Intent!)];

    public bool CreatesAccounts => Rows.Any(static row => row.CreatesAccounts);
}

/// <summary>
/// Puts rows together into as few transactions as fit their 1,232 bytes. A row that is alone stays alone; the others
/// keep their order within a pack, and two that speak of the same meter or order never share one.
/// </summary>
internal static class OutboxPacker
{
    /// <summary>More packs than these are not looked through for room.</summary>
    private const int MaxOpenPacks = 4;

    /// <summary>The runtime cuts a transaction's log at 10,000 bytes, and with it the events.</summary>
    private static readonly Dictionary<LaneKind, int> MostRows = new()
    {
        [LaneKind.Registration] = 8,
        [LaneKind.Mint] = 9,
        [LaneKind.Settlement] = 8,
        [LaneKind.Release] = 12,
        [LaneKind.Single] = 1,
    };

    /// <param name="rows">All with an intent.</param>
    /// <param name="instructions">What a pack means.</param>
    public static IReadOnlyList<OutboxPack> Pack(IReadOnlyList<OutboxRow> rows, IntentInstructions instructions)
    {
        var packs = new List<OutboxPack>();
        foreach (var lane in rows.Where(static row => !row.IsAlone)
            .GroupBy(static row => IntentInstructions.LaneOf(row.Intent!)))
        {
            PackLane(packs, lane.Key.Kind, Sorted(lane), instructions);
        }

        foreach (var row in rows.Where(static row => row.IsAlone))
        {
            packs.Add(new OutboxPack(IntentInstructions.LaneOf(row.Intent!).Kind, [row]));
        }

        return packs;
    }

    private static void PackLane(
        List<OutboxPack> packs, LaneKind lane, IEnumerable<OutboxRow> rows, IntentInstructions instructions)
    {
        var open = new List<(List<OutboxRow> Rows, TransactionSize Size)>();
        foreach (var row in rows)
        {
            if (TryAlone(row, instructions) is not { } alone)
            {
                // By itself it says why no transaction can be made of it.
                packs.Add(new OutboxPack(lane, [row]));
                continue;
            }

            var room = open.FindIndex(pack => pack.Rows.Count < MostRows[lane]
                && !Collides(pack.Rows, row)
                && pack.Size.TryAdd(alone));
            if (room >= 0)
            {
                open[room].Rows.Add(row);
                continue;
            }

            var size = new TransactionSize(instructions.PayerOf(lane), IntentInstructions.SharedBy(lane));
            _ = size.TryAdd(alone);
            open.Add(([row], size));
            if (open.Count > MaxOpenPacks)
            {
                packs.Add(new OutboxPack(lane, open[0].Rows));
                open.RemoveAt(0);
            }
        }

        packs.AddRange(open.Select(pack => new OutboxPack(lane, pack.Rows)));
    }

    private static IReadOnlyList<Instruction>? TryAlone(OutboxRow row, IntentInstructions instructions)
    {
        try
        {
            return instructions.Of([row.Intent!], createsAccounts: false);
        }
        catch (Exception exception) when (exception is OverflowException or ArgumentException)
        {
            return null;
        }
    }

    private static bool Collides(List<OutboxRow> rows, OutboxRow row)
    {
        var subjects = SubjectsOf(row.Intent!);
        return rows.Exists(other => SubjectsOf(other.Intent!).Intersect(subjects).Any());
    }

    /// <summary>What an intent works on, and another of the same transaction must not.</summary>
    private static string[] SubjectsOf(ChainIntent intent) => intent switch
    {
        MintEnergy mint => [mint.MeterId],
        RegisterMeterOnChain meter => [meter.MeterId],
        RegisterUserOnChain user => [user.Wallet.ToString()],
        ReleaseOrder release => [$"{release.Wallet} {release.ChainOrderId}"],
        SettleTrade trade => [$"{trade.Number}"],
        _ => [],
    };

    // Settlements of one sell order share three accounts, so more of them fit when they come together.
    private static IEnumerable<OutboxRow> Sorted(IGrouping<Lane, OutboxRow> lane) =>
        lane.Key.Kind == LaneKind.Settlement
        ? lane
            .GroupBy(static row => ((SettleTrade)row.Intent!).SellOrder)
            .OrderBy(static group => group.First().Id)
            .SelectMany(static group => group)
        : lane;
}
