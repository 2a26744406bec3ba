using GridTokenX.CloudCore.Locks;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Keys;
using Npgsql;

namespace GridTokenX.CloudCore.Gateways;

/// <summary>
/// Asks a device to prove that it has taken the command key: a command to release an order that there is none of. It
/// changes nothing, the device signs its refusal, and to a command under another key it signs nothing.
/// </summary>
internal sealed class PairingProbes(NpgsqlDataSource database, CommandPublisher publisher, TimeProvider marketTime)
{
    /// <summary>The order that there is none of.</summary>
    internal static readonly Guid Probe = new("70616972-696e-8067-8000-000000000001");

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    /// <summary>True once the device has answered; null when the gateway does not speak for it.</summary>
    internal async Task<bool?> AskAsync(Key32 gateway, Key32 device, CancellationToken cancellationToken)
    {
        var now = marketTime.GetUtcNow();
        var paired = await database.FirstOrDefaultAsync<bool?>(
            """
            select paired_at is not null from meters
            where device = @device and gateway = @gateway and revoked_at is null
            """,
            new { device, gateway },
            cancellationToken);
        if (paired != false)
        {
            return paired;
        }

        var asked = await database.TransactAsync(
            unit => unit.Transaction.ExecuteAsync(
                """
                update meters
                set command_counter = command_counter + 1, probe_counter = command_counter + 1, probe_until = @until
                where device = @device and gateway = @gateway and revoked_at is null and paired_at is null
                    and (probe_until is null or probe_until <= @now)
                """,
                new { device, gateway, now, until = now + Lifetime },
                cancellationToken),
            cancellationToken);
        if (asked > 0)
        {
            publisher.Wake();
        }

        return false;
    }
}
