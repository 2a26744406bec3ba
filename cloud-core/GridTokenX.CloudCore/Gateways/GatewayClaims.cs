using GridTokenX.CloudCore.Registration;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using Npgsql;

namespace GridTokenX.CloudCore.Gateways;

/// <summary>
/// Binds gateways to owners. A code is the owner's word, the gateway's signature its own: both together make it his,
/// and
/// let it register meters for him during an hour. Codes, hours and windows go by the real clock.
/// </summary>
internal sealed class GatewayClaims(
    NpgsqlDataSource database, RegistrationEvents events, TimeProvider marketTime, WallTime wall)
{
    internal const int MaxOpen = 5;
    internal const int MaxGatewaysOfOneOwner = 20;
    internal static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);
    internal static readonly TimeSpan PairingWindow = TimeSpan.FromHours(1);

    /// <summary>So long a gateway whose answer was lost may ask again.</summary>
    private static readonly TimeSpan KeptAfterwards = TimeSpan.FromDays(1);

    /// <summary>Null when the owner has too many open ones.</summary>
    internal Task<MadeClaim?> MakeAsync(Guid owner, MakeClaimRequest request, CancellationToken cancellationToken)
    {
        var code = ClaimCode.Make();
        return database.TransactAsync(
            async unit =>
            {
                var now = wall.UtcNow;
                _ = await unit.Transaction.ExecuteAsync(
                    "select from users where id = @owner for no key update", new { owner }, cancellationToken);
                _ = await unit.Transaction.ExecuteAsync(
                    "delete from gateway_claims where owner_id = @owner and expires_at < @before",
                    new { owner, before = now - KeptAfterwards },
                    cancellationToken);
                var open = await unit.Transaction.FirstOrDefaultAsync<long>(
                    """
                    select count(*) from gateway_claims
                    where owner_id = @owner and expires_at > @now and gateway is null
                    """,
                    new { owner, now },
                    cancellationToken);
                if (open >= MaxOpen)
                {
                    return null;
                }

                var expires = WholeSeconds(now + Lifetime);
                _ = await unit.Transaction.ExecuteAsync(
                    """
                    insert into gateway_claims (code_hash, owner_id, name, zone, created_at, expires_at)
                    values (@hash, @owner, @Name, @Zone, @now, @expires)
                    """,
                    new { hash = ClaimCode.Hash(code), owner, request.Name, request.Zone, now, expires },
                    cancellationToken);
                return new MadeClaim(code, expires);
            },
            cancellationToken);
    }

    /// <param name="gateway">Whose key has signed the request.</param>
    /// <param name="code">As shown.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The binding, or the code of a problem.</returns>
    internal Task<(ClaimedGateway? Claimed, string? Problem)> RedeemAsync(
        Key32 gateway, string code, CancellationToken cancellationToken) =>
        database.TransactAsync(
            async unit =>
            {
                var hash = ClaimCode.Hash(code);
                var claim = await unit.Transaction.FirstOrDefaultAsync<ClaimRow>(
                    """
                    select c.owner_id, u.wallet, c.name, c.zone, c.expires_at, c.gateway, c.pairing_until
                    from gateway_claims c join users u on u.id = c.owner_id
                    where c.code_hash = @hash for no key update of c
                    """,
                    new { hash },
                    cancellationToken);
                return claim is null
                    ? (null, ProblemCodes.UnknownClaim)
                    : await RedeemAsync(unit.Transaction, gateway, hash, claim, cancellationToken);
            },
            cancellationToken);

    /// <summary>
    /// The gateway is nobody's then, and may be claimed anew. The problem's code when it is not the caller's, or there
    /// are meters at it that are in service.
    /// </summary>
    /// <param name="gateway">Which one.</param>
    /// <param name="caller">The owner's access key; the operator may always.</param>
    /// <param name="isOperator">Whether it is the operator.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal Task<string?> ReleaseAsync(
        Key32 gateway, Key32 caller, bool isOperator, CancellationToken cancellationToken) =>
        database.TransactAsync(
            async unit =>
            {
                var stored = await unit.Transaction.FirstOrDefaultAsync<ReleasedRow>(
                    """
                    select u.access_key, g.owner_id is not null as claimed,
                           exists (select from meters m where m.gateway = g.gateway and m.revoked_at is null) as in_use
                    from gateways g left join users u on u.id = g.owner_id
                    where g.gateway = @gateway for no key update of g
                    """,
                    new { gateway },
                    cancellationToken);
                if (stored is null)
                {
                    return ProblemCodes.NotFound;
                }

                if (!isOperator && stored.AccessKey != caller)
                {
                    return ProblemCodes.Forbidden;
                }

                if (!stored.Claimed)
                {
                    return null;
                }

                if (stored.InUse)
                {
                    return ProblemCodes.GatewayInUse;
                }

                _ = await unit.Transaction.ExecuteAsync(
                    """
                    update gateways set owner_id = null, zone = null, claimed_at = null, pairing_until = null
                    where gateway = @gateway
                    """,
                    new { gateway },
                    cancellationToken);
                await events.AddAsync(
                    unit.Transaction,
                    new RegistrationEvent(RegistrationEvent.GatewayReleased, caller, gateway, null, null),
                    cancellationToken);
                return null;
            },
            cancellationToken);

    private async Task<(ClaimedGateway? Claimed, string? Problem)> RedeemAsync(
        NpgsqlTransaction transaction, Key32 gateway, byte[] hash, ClaimRow claim, CancellationToken cancellationToken)
    {
        var now = wall.UtcNow;
        var stored = await transaction.FirstOrDefaultAsync<GatewayRow>(
            """
            select g.owner_id,
                   exists (select from meters m where m.gateway = g.gateway and m.owner_id <> @OwnerId) as of_others,
                   (select count(*) from gateways o where o.owner_id = @OwnerId) as owned
            from gateways g where g.gateway = @gateway for no key update of g
            """,
            new { gateway, claim.OwnerId },
            cancellationToken);
        if (claim.Gateway is { } user)
        {
            // The answer was lost, and the gateway asks again: nothing is opened anew.
            return user == gateway && stored?.OwnerId == claim.OwnerId
                ? (claim.AnswerTo(gateway, claim.PairingUntil!.Value), null)
                : (null, ProblemCodes.ClaimUsed);
        }

        if (claim.ExpiresAt <= now)
        {
            return (null, ProblemCodes.ClaimExpired);
        }

        if ((stored?.OwnerId ?? claim.OwnerId) != claim.OwnerId || stored is { OwnerId: null, OfOthers: true })
        {
            return (null, ProblemCodes.GatewayClaimed);
        }

        var owned = stored?.Owned ?? await OwnedAsync(transaction, claim.OwnerId, cancellationToken);
        if (owned >= MaxGatewaysOfOneOwner && stored?.OwnerId is null)
        {
            return (null, ProblemCodes.TooManyGateways);
        }

        var until = WholeSeconds(now + PairingWindow);
        await BindAsync(transaction, gateway, hash, claim, until, cancellationToken);
        return (claim.AnswerTo(gateway, until), null);
    }

    /// <summary>So that what is answered is what is kept.</summary>
    private static DateTimeOffset WholeSeconds(DateTimeOffset time) =>
        DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());

    private static Task<long> OwnedAsync(
        NpgsqlTransaction transaction, Guid owner, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<long>(
            "select count(*) from gateways where owner_id = @owner", new { owner }, cancellationToken);

    private async Task BindAsync(
        NpgsqlTransaction transaction,
        Key32 gateway,
        byte[] hash,
        ClaimRow claim,
        DateTimeOffset until,
        CancellationToken cancellationToken)
    {
        _ = await transaction.ExecuteAsync(
            """
            insert into gateways as g (gateway, name, created_at, owner_id, zone, claimed_at, pairing_until)
            values (@gateway, @Name, @now, @OwnerId, @Zone, @wallNow, @until)
            on conflict (gateway) do update
            set name = excluded.name, owner_id = excluded.owner_id, zone = excluded.zone,
                claimed_at = coalesce(g.claimed_at, excluded.claimed_at), pairing_until = excluded.pairing_until
            """,
            new
            {
                gateway,
                claim.Name,
                now = marketTime.GetUtcNow(),
                claim.OwnerId,
                claim.Zone,
                wallNow = wall.UtcNow,
                until,
            },
            cancellationToken);
        _ = await transaction.ExecuteAsync(
            "update gateway_claims set gateway = @gateway, pairing_until = @until where code_hash = @hash",
            new { gateway, until, hash },
            cancellationToken);
        await events.AddAsync(
            transaction,
            new RegistrationEvent(RegistrationEvent.GatewayClaimed, claim.Wallet, gateway, null, null),
            cancellationToken);
    }

    private sealed record ClaimRow(
        Guid OwnerId,
        Key32 Wallet,
        string Name,
        string Zone,
        DateTimeOffset ExpiresAt,
        Key32? Gateway,
        DateTimeOffset? PairingUntil)
    {
        internal ClaimedGateway AnswerTo(Key32 gateway, DateTimeOffset until) =>
            new(gateway, Name, Zone, Wallet, until);
    }

    private sealed record GatewayRow(Guid? OwnerId, bool OfOthers, long Owned);

    private sealed record ReleasedRow(Key32? AccessKey, bool Claimed, bool InUse);
}
