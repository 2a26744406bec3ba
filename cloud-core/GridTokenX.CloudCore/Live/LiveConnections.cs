using GridTokenX.CloudCore.Accounts;
using GridTokenX.Protocol.Time;
using Npgsql;

namespace GridTokenX.CloudCore.Live;

/// <summary>Makes what a new connection needs.</summary>
internal sealed class LiveConnections(
    LiveHub hub, Callers callers, Sessions sessions, NpgsqlDataSource database, WallTime wall, LiveOptions options)
{
    internal LiveClient NewClient() => new(options.MaxQueued);

    internal LiveSession NewSession(LiveClient client) => new(client, hub, callers, sessions, database, wall);

    internal async ValueTask LeaveAsync(LiveClient client)
    {
        client.Complete();
        await hub.LeaveAsync(client);
    }
}
