using System.Collections.Concurrent;
using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Programs.Events;
using Npgsql;

namespace GridTokenX.CloudCore.Tests.Chain;

/// <summary>
/// What trading is: orders that are refused are final, settlements are tried again. Each call writes a row in the given
/// database transaction, so that an effect that happened twice shows.
/// </summary>
internal sealed class RecordingEffect : IChainEffect, IChainEventEffect
{
    public const string Tables =
        """
        create table if not exists test_effects (intent uuid not null, what text not null, signature text);
        create table if not exists test_events (
            number bigint generated always as identity, signature text not null, what text not null);
        """;

    /// <summary>Throws for these, as an effect with a fault would.</summary>
    public ConcurrentDictionary<Guid, bool> Broken { get; } = new();

    /// <summary>Likewise for events of these transactions.</summary>
    public ConcurrentDictionary<string, bool> BrokenSignatures { get; } = new(StringComparer.Ordinal);

    public bool Handles(ChainIntent intent) => true;

    public bool Handles(ProgramEvent @event) => true;

    public async Task ApplyAsync(
        UnitOfWork unit, IReadOnlyList<IndexedEvent> events, bool isRoomy, CancellationToken cancellationToken)
    {
        foreach (var indexed in events)
        {
            await using var command = new NpgsqlCommand(
                "insert into test_events (signature, what) values ($1, $2)", unit.Connection, unit.Transaction);
            command.Parameters.Add(new() { Value = indexed.Signature });
            command.Parameters.Add(new() { Value = indexed.Event.GetType().Name });
            _ = await command.ExecuteNonQueryAsync(cancellationToken);
            if (BrokenSignatures.ContainsKey(indexed.Signature))
            {
                throw new InvalidOperationException("This effect is broken.");
            }
        }
    }

    public async Task ConfirmedAsync(
        NpgsqlTransaction transaction, IReadOnlyList<ConfirmedIntent> intents, CancellationToken cancellationToken)
    {
        foreach (var (intent, signature) in intents)
        {
            await WriteAsync(transaction, intent, "confirmed", signature, cancellationToken);
        }
    }

    public async Task<bool> RefusedAsync(
        NpgsqlTransaction transaction, ChainIntent intent, string error, CancellationToken cancellationToken)
    {
        await WriteAsync(transaction, intent, "refused", null, cancellationToken);
        return intent is PlaceOrder
            || (intent is ReleaseOrder && error == Refusals.TokenAccountGivenAway)
            || (intent is SettleTrade && Refusals.IsFinalForSettlement(error));
    }

    public Task ParkedAsync(NpgsqlTransaction transaction, ChainIntent intent, CancellationToken cancellationToken) =>
        WriteAsync(transaction, intent, "parked", null, cancellationToken);

    private async Task WriteAsync(
        NpgsqlTransaction transaction,
        ChainIntent intent,
        string what,
        string? signature,
        CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "insert into test_effects (intent, what, signature) values ($1, $2, $3)",
            transaction.Connection,
            transaction);
        command.Parameters.Add(new() { Value = intent.Id });
        command.Parameters.Add(new() { Value = what });
        command.Parameters.Add(new() { Value = (object?)signature ?? DBNull.Value, DataTypeName = "text" });
        _ = await command.ExecuteNonQueryAsync(cancellationToken);
        if (Broken.ContainsKey(intent.Id))
        {
            throw new InvalidOperationException("This effect is broken.");
        }
    }
}
