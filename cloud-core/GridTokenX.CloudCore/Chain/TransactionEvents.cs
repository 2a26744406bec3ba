using GridTokenX.Programs.Accounts;
using GridTokenX.Programs.Events;
using GridTokenX.Solana;
using GridTokenX.Solana.Rpc;
using Npgsql;

namespace GridTokenX.CloudCore.Chain;

/// <summary>
/// What a transaction did: by its log, and where anybody has filled that to hide an event, by its instructions. Each
/// event has the place that it has in a whole log.
/// </summary>
internal sealed class TransactionEvents(
    NpgsqlDataSource source,
    SolanaRpcClient rpc,
    EnergyPrograms programs,
    SolanaOptions options,
    ILogger<TransactionEvents> logger)
{
    private readonly InstructionEvents _instructions =
        new(programs.Registry, programs.EnergyToken, programs.Trading);

    /// <param name="signature">Of a transaction that succeeded.</param>
    /// <param name="transaction">The same.</param>
    /// <param name="earlier">What happened before, as far as it is not stored yet.</param>
    /// <param name="cancellationToken">Of the indexer.</param>
    /// <returns>Null in the place of what is passed over: nobody knows whose it was.</returns>
    /// <exception cref="SolanaException">The RPC does not answer, or not usefully.</exception>
    public async Task<IReadOnlyList<ProgramEvent?>> ReadAsync(
        Signature signature,
        ConfirmedTransaction transaction,
        IEnumerable<ProgramEvent> earlier,
        CancellationToken cancellationToken)
    {
        var logged = programs.Events.Read(transaction.Logs);
        if (logged.IsWhole)
        {
            return logged.Places;
        }

        Log.EventsHidden(logger, signature.ToString(), logged.IsTruncated, logged.Unreadable.Count);
        var told = _instructions.Read(ExecutedInstruction.Of(transaction), transaction.BlockTime ?? 0);
        var before = earlier.ToList();
        var events = new List<ProgramEvent?>();
        for (var place = 0; place < told.Count; place++)
        {
            var read = place < logged.Places.Count ? logged.Places[place] : null;
            if (read is null && told[place] is InstructionEvent.Untold untold)
            {
                Log.EventLost(logger, untold.Instruction, signature.ToString());
            }

            read ??= await CompleteAsync(told[place], transaction.Slot, before, cancellationToken);
            events.Add(read);
            if (read is not null)
            {
                before.Add(read);
            }
        }

        return events;
    }

    private async Task<ProgramEvent?> CompleteAsync(
        InstructionEvent told, ulong slot, IReadOnlyList<ProgramEvent> before, CancellationToken cancellationToken)
    {
        switch (told)
        {
            case InstructionEvent.Whole whole:
                return whole.Event;
            case InstructionEvent.OrderClosed closed:
                var created = before.OfType<OrderCreated>().LastOrDefault(order => order.Order == closed.Order)
                    ?? await CreatedAsync(closed.Order, slot, cancellationToken);
                return created is null ? null : closed.Complete(created);
            case InstructionEvent.MeterSettled settled:
                var meter = await MeterAsync(settled.Meter, slot, cancellationToken);
                return settled.Complete(meter, await SettledBeforeAsync(meter.MeterId, before, cancellationToken));
            case InstructionEvent.MeterOff off:
                return off.Complete(await MeterAsync(off.Meter, slot, cancellationToken));
            default:
                return null;
        }
    }

    /// <summary>Null for an order whose making nobody has seen, and which therefore is not in the book.</summary>
    private async Task<OrderCreated?> CreatedAsync(
        PublicKey order, ulong slot, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            """
            select event::text from chain_events
            where kind = 'order_created' and event->>'order' = $1 and slot <= $2
            order by slot desc, position desc limit 1
            """);
        command.Parameters.Add(new() { Value = order.ToString() });
        command.Parameters.Add(new() { Value = checked((long)slot) });
        return await command.ExecuteScalarAsync(cancellationToken) is string json
            ? (OrderCreated)ProgramEventJson.Read("order_created", json)
            : null;
    }

    /// <summary>As it is now, not before that slot. A meter's account stays for ever.</summary>
    private async Task<MeterAccount> MeterAsync(PublicKey meter, ulong slot, CancellationToken cancellationToken)
    {
        var account = await rpc.GetAccountInfoAsync(meter, options.Commitment, slot, cancellationToken);
        return account is not null
            && account.Owner == programs.Registry.Id
            && MeterAccount.TryParse(account.Data.Span, out var parsed)
                ? parsed
                : throw new SolanaTransportException(
                    $"getAccountInfo: the node does not have the meter {meter}.", isTransient: true);
    }

    private async Task<ulong> SettledBeforeAsync(
        string meterId, IReadOnlyList<ProgramEvent> before, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand("select chain_settled_wh from meters where meter_id = $1");
        command.Parameters.Add(new() { Value = meterId });
        var stored = await command.ExecuteScalarAsync(cancellationToken) is long total ? (ulong)total : 0;
        return before.OfType<MeterBalanceSettled>()
            .Where(settled => settled.MeterId == meterId)
            .Select(static settled => settled.TotalSettled)
            .Append(stored)
            .Max();
    }
}
