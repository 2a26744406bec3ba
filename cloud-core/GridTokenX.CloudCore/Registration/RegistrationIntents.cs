using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Keys;
using Npgsql;

namespace GridTokenX.CloudCore.Registration;

/// <summary>
/// What of a user is to be registered on chain. The platform pays for it, so nothing is written before the user is
/// verified: a stranger costs nothing.
/// </summary>
internal static class RegistrationIntents
{
    private sealed record User(Key32 Wallet, string Role);

    private sealed record Meter(string MeterId, Key32 Device, Key32 Wallet, DateTimeOffset RegisteredAt);

    /// <summary>A verified user with all meters; what is in the outbox already is passed over there.</summary>
    internal static async Task EnqueueAsync(
        NpgsqlTransaction transaction, IChainOutbox outbox, Guid user, CancellationToken cancellationToken)
    {
        var verified = await transaction.FirstOrDefaultAsync<User>(
            "select wallet, role from users where id = @user and verified for no key update",
            new { user },
            cancellationToken);
        if (verified is null)
        {
            return;
        }

        var meters = await transaction.QueryAsync<Meter>(
            """
            select m.meter_id, coalesce(m.chain_device, m.device) as device, u.wallet, m.registered_at
            from meters m join users u on u.id = m.owner_id
            where u.id = @user and m.registered_on_chain_at is null and m.revoked_at is null
            order by m.registered_at, m.meter_id
            """,
            new { user },
            cancellationToken);
        ChainIntent[] intents =
        [
            new RegisterUserOnChain(user, verified.Wallet, verified.Role),
            .. meters.Select(static meter => new RegisterMeterOnChain(
                IntentKinds.IdOf("meter", meter.MeterId),
                meter.MeterId,
                meter.Device,
                meter.Wallet,
                WholeSeconds(meter.RegisteredAt))),
        ];
        var there = await ThereAsync(transaction, intents, cancellationToken);
        await outbox.EnqueueAsync(
            transaction, [.. intents.Where(intent => !there.Contains(intent.Id))], cancellationToken);
    }

    /// <summary>
    /// Looked for beforehand: to insert what is there already waits for whoever is changing that row, and the indexer,
    /// which ticks it off, waits for the user's row, which is locked here.
    /// </summary>
    private static async Task<HashSet<Guid>> ThereAsync(
        NpgsqlTransaction transaction, ChainIntent[] intents, CancellationToken cancellationToken) =>
    [
        .. await transaction.QueryAsync<Guid>(
            "select intent_id from chain_outbox where intent_id = any(@ids)",
            new { ids = intents.Select(static intent => intent.Id).ToArray() },
            cancellationToken),
    ];

    private static DateTimeOffset WholeSeconds(DateTimeOffset time) =>
        DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());
}
