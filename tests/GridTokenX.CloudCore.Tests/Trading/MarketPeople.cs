using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Keys;
using Npgsql;

namespace GridTokenX.CloudCore.Tests.Trading;

/// <summary>Verified users with a meter, both on chain already.</summary>
internal static class MarketPeople
{
    internal static async Task AddAsync(
        NpgsqlDataSource database, Key32 accessKey, Key32 wallet, string zone, int number) =>
        _ = await database.QueryAsync<int>(
            """
            insert into gateways (gateway, name, created_at) values (@wallet, 'Gateway', now());
            insert into users (id, name, role, wallet, access_key, verified, created_at, registered_on_chain_at)
            values (@id, 'Trader', 'prosumer', @wallet, @accessKey, true, now(), now());
            insert into meters (meter_id, device, owner_id, zone, gateway, consent, registered_at,
                                registered_on_chain_at)
            values (@meter, @accessKey, @id, @zone, @wallet, '\x00', now(), now());
            select 1;
            """,
            new { id = Guid.NewGuid(), wallet, accessKey, zone, meter = $"M-{number}" },
            CancellationToken.None);
}
