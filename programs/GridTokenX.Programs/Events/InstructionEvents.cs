using System.Buffers.Binary;
using GridTokenX.Programs.Wire;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.Programs.Events;

/// <summary>
/// Tells the events of a transaction that succeeded from its instructions: one place for each event that its log has,
/// or had before the node cut it off at 10,000 bytes. Anybody can fill a log before our programs run; the instructions
/// and the calls among them are kept whole.
/// </summary>
public sealed class InstructionEvents(RegistryProgram registry, EnergyTokenProgram energyToken, TradingProgram trading)
{
    private const int GroupOfClosing = 4;
    private const int GroupOfMint = 2;
    private const int AccountsBeforeMints = 5;
    private const byte Transfer = 3;

    /// <param name="executed">In the order in which they began.</param>
    /// <param name="timestamp">The chain's clock, Unix seconds.</param>
    public IReadOnlyList<InstructionEvent> Read(IReadOnlyList<ExecutedInstruction> executed, long timestamp)
    {
        var events = new List<InstructionEvent>();
        for (var i = 0; i < executed.Count; i++)
        {
            var instruction = executed[i];
            if (InstructionNames.Of(instruction.Data.Span) is { } name
                && (instruction.Program == registry.Id || instruction.Program == energyToken.Id
                    || instruction.Program == trading.Id))
            {
                AddEvents(events, name, instruction, CallsOf(executed, i), timestamp);
            }
        }

        return events;
    }

    private void AddEvents(
        List<InstructionEvent> to, string name, ExecutedInstruction instruction,
        IReadOnlyList<ExecutedInstruction> calls, long timestamp)
    {
        try
        {
            to.AddRange(name switch
            {
                "create_sell_order" => [Created(instruction, OrderSide.Sell, timestamp)],
                "create_buy_order" => [Created(instruction, OrderSide.Buy, timestamp)],
                "cancel_order" => Closed(name, instruction.Accounts.Skip(3).Take(GroupOfClosing), calls,
                    OrderClosingReason.Cancelled, timestamp),
                "expire_order" => Closed(
                    name, instruction.Accounts.Skip(2), calls, OrderClosingReason.Expired, timestamp),
                "release_order" => Closed(
                    name, instruction.Accounts.Skip(3), calls, OrderClosingReason.Released, timestamp),
                "settle_and_mint_tokens" => Minted(name, instruction, calls, timestamp),
                "settle_meter_balance" =>
                    [new InstructionEvent.MeterSettled(instruction.Accounts[2], Minted: null, timestamp)],
                "deactivate_meter" => [new InstructionEvent.MeterOff(instruction.Accounts[2], timestamp)],
                "retire" => [new InstructionEvent.Whole(
                    new TokensRetired(instruction.Accounts[0], Amount(instruction), timestamp))],

                // These need the registrar's or a matcher's signature, and the platform signs no transaction with
                // foreign instructions in it: nobody else can fill their logs, and its own are kept short enough.
                "register_user" or "register_meter" or "match_order" => [new InstructionEvent.Untold(name)],
                "settle_match" => Untold(
                    name, (int)BinaryPrimitives.ReadUInt32LittleEndian(instruction.Data.Span[Discriminator.Length..])),
                _ => [],
            });
        }
        catch (Exception e) when (e is FormatException or ArgumentOutOfRangeException)
        {
            // No such instruction of ours would have succeeded.
            to.Add(new InstructionEvent.Untold(name));
        }
    }

    private static InstructionEvent.Whole Created(ExecutedInstruction instruction, OrderSide side, long timestamp)
    {
        var reader = new BorshReader(instruction.Data.Span[Discriminator.Length..]);
        var (id, amount, price, expiresAt) = (reader.U64(), reader.U64(), reader.U64(), reader.I64());
        return new InstructionEvent.Whole(new OrderCreated(
            instruction.Accounts[3], id, instruction.Accounts[1], side, amount, price, expiresAt, timestamp));
    }

    /// <summary>The rest of each order goes back by a transfer of its own, in the same order.</summary>
    private static IEnumerable<InstructionEvent> Closed(
        string name, IEnumerable<PublicKey> accounts, IReadOnlyList<ExecutedInstruction> calls,
        OrderClosingReason reason, long timestamp)
    {
        var groups = accounts.Chunk(GroupOfClosing).ToList();
        var refunds = calls
            .Where(static call => call.Program == TokenProgram.Id && call.Data.Length == 9
                && call.Data.Span[0] == Transfer)
            .Select(static call => BinaryPrimitives.ReadUInt64LittleEndian(call.Data.Span[1..]))
            .ToList();
        return refunds.Count == groups.Count
            ? groups.Zip(refunds, (group, refunded) =>
                new InstructionEvent.OrderClosed(group[0], refunded, reason, timestamp))
            : Untold(name, groups.Count);
    }

    /// <summary>Each meter's energy is minted by a call of its own, in the same order.</summary>
    private IEnumerable<InstructionEvent> Minted(
        string name, ExecutedInstruction instruction, IReadOnlyList<ExecutedInstruction> calls, long timestamp)
    {
        var pairs = instruction.Accounts.Skip(AccountsBeforeMints).Chunk(GroupOfMint).ToList();
        var amounts = calls
            .Where(call => call.Program == energyToken.Id
                && InstructionNames.Of(call.Data.Span) == "mint_from_production")
            .Select(Amount)
            .ToList();
        return amounts.Count == pairs.Count
            ? pairs.Zip(amounts, (pair, amount) => new InstructionEvent.MeterSettled(
                pair[0], amount / Quantities.BaseUnitsPerWattHour, timestamp))
            : Untold(name, pairs.Count);
    }

    private static IEnumerable<InstructionEvent> Untold(string name, int count) =>
        Enumerable.Repeat(new InstructionEvent.Untold(name), count);

    private static ulong Amount(ExecutedInstruction instruction) =>
        new BorshReader(instruction.Data.Span[Discriminator.Length..]).U64();

    private static IReadOnlyList<ExecutedInstruction> CallsOf(IReadOnlyList<ExecutedInstruction> executed, int caller)
    {
        var height = executed[caller].Height;
        return
        [
            .. executed.Skip(caller + 1)
                .TakeWhile(call => call.Height > height)
                .Where(call => call.Height == height + 1),
        ];
    }
}
