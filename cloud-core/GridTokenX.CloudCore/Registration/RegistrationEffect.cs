using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Programs.Events;
using Npgsql;

namespace GridTokenX.CloudCore.Registration;

/// <summary>
/// Users and meters that the chain knows may trade and be minted for. Normally an event says so; a confirmed row does
/// as well, since it may have found the account there from long before.
/// </summary>
internal sealed class RegistrationEffect(TimeProvider marketTime) : IChainEffect, IChainEventEffect
{
    public bool Handles(ChainIntent intent) => intent is RegisterUserOnChain or RegisterMeterOnChain;

    public bool Handles(ProgramEvent @event) => @event is UserRegistered or MeterRegistered;

    public async Task ApplyAsync(
        NpgsqlTransaction transaction, IReadOnlyList<IndexedEvent> events, CancellationToken cancellationToken)
    {
        foreach (var indexed in events)
        {
            var at = DateTimeOffset.FromUnixTimeSeconds(indexed.Event.Timestamp);
            await (indexed.Event switch
            {
                UserRegistered user => UserAsync(transaction, user.Wallet.ToArray(), at, cancellationToken),
                MeterRegistered meter => MeterAsync(
                    transaction,
                    meter.MeterId,
                    meter.Device.ToArray(),
                    meter.Owner.ToArray(),
                    at,
                    cancellationToken),
                _ => Task.CompletedTask,
            });
        }
    }

    public async Task ConfirmedAsync(
        NpgsqlTransaction transaction, IReadOnlyList<ConfirmedIntent> intents, CancellationToken cancellationToken)
    {
        var now = marketTime.GetUtcNow();
        foreach (var confirmed in intents)
        {
            await (confirmed.Intent switch
            {
                RegisterUserOnChain user => UserAsync(transaction, user.Wallet.ToArray(), now, cancellationToken),
                RegisterMeterOnChain meter => MeterAsync(
                    transaction,
                    meter.MeterId,
                    meter.Device.ToArray(),
                    meter.Wallet.ToArray(),
                    now,
                    cancellationToken),
                _ => Task.CompletedTask,
            });
        }
    }

    /// <summary>Tried again: without it nobody trades.</summary>
    public Task<bool> RefusedAsync(
        NpgsqlTransaction transaction, ChainIntent intent, string error, CancellationToken cancellationToken) =>
        Task.FromResult(false);

    public Task ParkedAsync(NpgsqlTransaction transaction, ChainIntent intent, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    private static Task UserAsync(
        NpgsqlTransaction transaction, byte[] wallet, DateTimeOffset at, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            update users set registered_on_chain_at = @at
            where wallet = @wallet and registered_on_chain_at is null
            """,
            new { wallet, at },
            cancellationToken);

    private static Task MeterAsync(
        NpgsqlTransaction transaction,
        string meter,
        byte[] device,
        byte[] owner,
        DateTimeOffset at,
        CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            update meters m set registered_on_chain_at = @at
            from users u
            where m.meter_id = @meter and m.device = @device and u.id = m.owner_id and u.wallet = @owner
              and m.registered_on_chain_at is null
            """,
            new { meter, device, owner, at },
            cancellationToken);
}
