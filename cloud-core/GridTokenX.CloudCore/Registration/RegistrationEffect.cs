using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Programs.Events;
using GridTokenX.Protocol.Keys;
using Npgsql;

namespace GridTokenX.CloudCore.Registration;

/// <summary>
/// Users and meters that the chain knows may trade and be minted for. Normally an event says so; a confirmed row does
/// as well, since it may have found the account there from long before.
/// </summary>
internal sealed class RegistrationEffect(TimeProvider marketTime) : IChainEffect, IChainEventEffect
{
    public bool Handles(ChainIntent intent) =>
        intent is RegisterUserOnChain or RegisterMeterOnChain or DeactivateMeterOnChain;

    public bool Handles(ProgramEvent @event) => @event is UserRegistered or MeterRegistered or MeterDeactivated;

    public async Task ApplyAsync(
        UnitOfWork unit, IReadOnlyList<IndexedEvent> events, bool isRoomy, CancellationToken cancellationToken)
    {
        foreach (var happened in events.Select(static indexed => indexed.Event))
        {
            var at = DateTimeOffset.FromUnixTimeSeconds(happened.Timestamp);
            if (happened is UserRegistered user)
            {
                await UserAsync(unit.Transaction, user.Wallet.ToKey32(), at, cancellationToken);
            }
            else if (happened is MeterRegistered meter)
            {
                var known = new Meter(meter.MeterId, meter.Device.ToKey32(), meter.Owner.ToKey32());
                await MeterAsync(unit.Transaction, known, at, cancellationToken);
            }
            else if (happened is MeterDeactivated gone)
            {
                await DeactivatedAsync(unit.Transaction, gone.MeterId, at, cancellationToken);
            }
        }
    }

    public async Task ConfirmedAsync(
        NpgsqlTransaction transaction, IReadOnlyList<ConfirmedIntent> intents, CancellationToken cancellationToken)
    {
        var now = marketTime.GetUtcNow();
        foreach (var intent in intents.Select(static confirmed => confirmed.Intent))
        {
            if (intent is RegisterUserOnChain user)
            {
                await UserAsync(transaction, user.Wallet, now, cancellationToken);
            }
            else if (intent is RegisterMeterOnChain meter)
            {
                var known = new Meter(meter.MeterId, meter.Device, meter.Wallet);
                await MeterAsync(transaction, known, now, cancellationToken);
            }
            else if (intent is DeactivateMeterOnChain gone)
            {
                await DeactivatedAsync(transaction, gone.MeterId, now, cancellationToken);
            }
        }
    }

    /// <summary>Tried again: without it nobody trades.</summary>
    public Task<bool> RefusedAsync(
        NpgsqlTransaction transaction, ChainIntent intent, string error, CancellationToken cancellationToken) =>
        Task.FromResult(false);

    public Task ParkedAsync(NpgsqlTransaction transaction, ChainIntent intent, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    private static Task<int> UserAsync(
        NpgsqlTransaction transaction, Key32 wallet, DateTimeOffset at, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            update users set registered_on_chain_at = @at
            where wallet = @wallet and registered_on_chain_at is null
            """,
            new { wallet, at },
            cancellationToken);

    private static Task<int> MeterAsync(
        NpgsqlTransaction transaction, Meter meter, DateTimeOffset at, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            update meters m set registered_on_chain_at = @at
            from users u
            where m.meter_id = @MeterId and coalesce(m.chain_device,
                m.device) = @Device and u.id = m.owner_id and u.wallet = @Owner
              and m.registered_on_chain_at is null
            """,
            new { meter.MeterId, meter.Device, meter.Owner, at },
            cancellationToken);

    private static Task<int> DeactivatedAsync(
        NpgsqlTransaction transaction, string meterId, DateTimeOffset at, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            update meters set deactivated_on_chain_at = @at
            where meter_id = @meterId and deactivated_on_chain_at is null
            """,
            new { meterId, at },
            cancellationToken);

    /// <summary>Another owner's or another device's meter of that name is none of ours.</summary>
    private sealed record Meter(string MeterId, Key32 Device, Key32 Owner);
}
