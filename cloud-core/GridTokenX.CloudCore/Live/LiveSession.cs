using GridTokenX.CloudCore.Accounts;
using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Registration;
using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Wallets;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Time;
using Npgsql;

namespace GridTokenX.CloudCore.Live;

/// <summary>
/// What one client asks for, whichever way it is connected: who it is, what it may watch and how much of it.
/// </summary>
internal sealed class LiveSession(
    LiveClient client, LiveHub hub, Callers callers, Sessions sessions, NpgsqlDataSource database, WallTime wall)
{
    private const int MaxTopics = 32;
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(30);

    private readonly HashSet<TopicName> _topics = [];

    /// <summary>From then on the client watches as the token's user, until it ends or is revoked.</summary>
    internal async Task AuthenticateAsync(string? token, CancellationToken cancellationToken)
    {
        var caller = token is null
            ? null
            : (await callers.OfTokenAsync(token, AccessKind.Wallet, cancellationToken)).Caller;
        if (caller is null)
        {
            client.Notify(new LiveNotice("error", Code: ProblemCodes.TokenInvalid));
            return;
        }

        if (client.Caller is { } before && before.Key != caller.Key)
        {
            await EndAsync(cancellationToken);
        }

        client.Caller = caller;
        client.Notify(new LiveNotice("authenticated", ExpiresAt: caller.TokenExpiresAt));
    }

    internal async Task SubscribeAsync(LiveRequest request, CancellationToken cancellationToken)
    {
        if (await NameAsync(request, cancellationToken) is not { } name)
        {
            return;
        }

        if (!_topics.Contains(name) && _topics.Count >= MaxTopics)
        {
            Refuse(request, ProblemCodes.TooManyConnections, $"At most {MaxTopics} subscriptions.");
            return;
        }

        if (name.Zone is { } zone && hub.IsCrowded && !await ExistsAsync(zone, cancellationToken))
        {
            Refuse(request, ProblemCodes.UnknownZone, "There is no such grid zone.");
            return;
        }

        _ = _topics.Add(name);
        await hub.SubscribeAsync(client, name, request.Stream, request.Sequence, cancellationToken);
    }

    internal async Task UnsubscribeAsync(LiveRequest request, CancellationToken cancellationToken)
    {
        if (await NameAsync(request, cancellationToken) is { } name)
        {
            _ = _topics.Remove(name);
            await hub.UnsubscribeAsync(client, name, cancellationToken);
            client.Notify(new LiveNotice("unsubscribed", request.Channel, request.Zone));
        }
    }

    /// <summary>Looks now and then whether the session still lives, until the connection ends.</summary>
    internal async Task WatchAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var left = (client.Caller?.TokenExpiresAt - wall.UtcNow) ?? CheckInterval;
            var delay = left < CheckInterval ? left : CheckInterval;
            await wall.DelayAsync(delay > TimeSpan.Zero ? delay : TimeSpan.FromSeconds(1), cancellationToken);
            if (client.Caller is { Session: { } session } caller
                && (caller.TokenExpiresAt <= wall.UtcNow
                    || await sessions.FindAsync(session, fresh: false, cancellationToken) is null))
            {
                client.Caller = null;
                await EndAsync(cancellationToken);
                client.Notify(new LiveNotice("expired"));
            }
        }
    }

    private async Task EndAsync(CancellationToken cancellationToken)
    {
        _ = _topics.RemoveWhere(static topic => topic.User is not null);
        await hub.UnsubscribeOwnAsync(client, cancellationToken);
    }

    private async Task<TopicName?> NameAsync(LiveRequest request, CancellationToken cancellationToken)
    {
        if (request.Channel is not { } name || hub.ChannelNamed(name) is not { } channel)
        {
            Refuse(request, ProblemCodes.MalformedRequest, "There is no such channel.");
            return null;
        }

        if (!channel.IsOwn)
        {
            if (request.Zone is not { } zone || RegistrationForms.FaultOfZone(zone) is not null)
            {
                Refuse(request, ProblemCodes.MalformedRequest, "The channel needs a zone.");
                return null;
            }

            return new TopicName(name, zone, null);
        }

        if (client.Caller is not { } caller)
        {
            Refuse(request, ProblemCodes.TokenInvalid, "Only for those who have signed in.");
            return null;
        }

        var user = caller.UserId ?? (await database.FindUserAsync(caller.Key, cancellationToken))?.UserId;
        if (user is null)
        {
            Refuse(request, ProblemCodes.NotFound, "Nobody is registered with this key.");
            return null;
        }

        return new TopicName(name, null, user);
    }

    private Task<bool> ExistsAsync(string zone, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<bool>(
            """
            select exists (select from epochs where zone = @zone) or exists (select from meters where zone = @zone)
            """,
            new { zone },
            cancellationToken);

    private void Refuse(LiveRequest request, string code, string detail) =>
        client.Notify(new LiveNotice("error", request.Channel, request.Zone, code, detail));
}
