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
        var open = new List<OutboxPack>();
        foreach (var row in rows)
        {
            var room = open.FindIndex(pack => HasRoom(pack, row, instructions));
            if (room >= 0)
            {
                open[room] = new OutboxPack(lane, [.. open[room].Rows, row]);
                continue;
            }

            open.Add(new OutboxPack(lane, [row]));
            if (open.Count > MaxOpenPacks)
            {
                packs.Add(open[0]);
                open.RemoveAt(0);
            }
        }

        packs.AddRange(open);
    }

    private static bool HasRoom(OutboxPack pack, OutboxRow row, IntentInstructions instructions)
    {
        if (pack.Rows.Count >= MostRows[pack.Lane]
            || pack.Rows.Any(other => SubjectsOf(other.Intent!).Intersect(SubjectsOf(row.Intent!)).Any()))
        {
            return false;
        }

        try
        {
            var all = instructions.Of([.. pack.Intents, row.Intent!], createsAccounts: false);
            return TransactionSize.Fits(instructions.PayerOf(pack.Lane), all);
        }
        catch (Exception exception) when (exception is OverflowException or ArgumentException)
        {
            // No transaction can be made of one of them: by itself it says so.
            return false;
        }
    }

    /// <summary>What an intent works on, and another of the same transaction must not.</summary>
    private static IEnumerable<string> SubjectsOf(ChainIntent intent) => intent switch
    {
        MintEnergy mint => [mint.MeterId],
        RegisterMeterOnChain meter => [meter.MeterId],
        RegisterUserOnChain user => [user.Wallet.ToString()],
        ReleaseOrder release => [$"{release.Wallet} {release.ChainOrderId}"],
        SettleTrade trade => [$"{trade.Number}"],
        _ => [],
    };

    // Settlements of one sell order share three accounts, so more of them fit when they come together.
    private static IEnumerable<OutboxRow> Sorted(IGrouping<Lane, OutboxRow> lane) => lane.Key.Kind == LaneKind.Settlement
        ? lane
            .GroupBy(static row => ((SettleTrade)row.Intent!).SellOrder)
            .OrderBy(static group => group.First().Id)
            .SelectMany(static group => group)
        : lane;
}

/// <summary>How long a legacy transaction of these instructions is, without making it.</summary>
internal static class TransactionSize
{
    private const int MaxAccounts = 64;

    public static bool Fits(PublicKey payer, IReadOnlyList<Instruction> instructions) =>
        Of(payer, instructions) <= Transaction.MaxLength;

    /// <summary>Beyond any limit when there are more accounts than a transaction may have.</summary>
    public static int Of(PublicKey payer, IReadOnlyList<Instruction> instructions)
    {
        var accounts = new HashSet<PublicKey> { payer };
        var signers = new HashSet<PublicKey> { payer };
        var length = 0;
        foreach (var instruction in instructions)
        {
            _ = accounts.Add(instruction.Program);
            foreach (var account in instruction.Accounts)
            {
                _ = accounts.Add(account.Address);
                if (account.IsSigner)
                {
                    _ = signers.Add(account.Address);
                }
            }

            length += 1 + Prefixed(instruction.Accounts.Count) + Prefixed(instruction.Data.Length);
        }

        const int Header = 3;
        return accounts.Count > MaxAccounts
            ? int.MaxValue
            : 1 + (signers.Count * Signature.Length) + Header + CompactLength(accounts.Count)
                + (accounts.Count * PublicKey.Length) + Blockhash.Length + CompactLength(instructions.Count) + length;
    }

    private static int Prefixed(int length) => CompactLength(length) + length;

    private static int CompactLength(int value) => value <= 0x7f ? 1 : 2;
}
