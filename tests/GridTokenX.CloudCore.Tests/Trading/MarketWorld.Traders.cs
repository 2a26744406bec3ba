using Dapper;
using GridTokenX.CloudCore.Chain;
using GridTokenX.Protocol.Keys;
using GridTokenX.Solana;

namespace GridTokenX.CloudCore.Tests.Trading;

/// <summary>
/// A user with a wallet, and a meter whose device signs. The server holds the wallet's key, unless the trader has it.
/// </summary>
internal sealed record Trader(
    Guid Id, Key32 Wallet, Key32 AccessKey, string Zone, SigningKey Device, Keypair? Keypair = null);

/// <content>Who trades.</content>
internal sealed partial class MarketWorld
{
    internal Task<Trader> TraderAsync(
        string zone = "zone-1",
        long wh = 100_000,
        long ugrx = 1_000_000_000,
        bool verified = true,
        bool meter = true,
        bool onChain = true) => AddAsync(
            new Trader(Guid.NewGuid(), RandomKey(), RandomKey(), zone, SigningKey.Generate()),
            wh,
            ugrx,
            verified,
            meter,
            onChain);

    /// <summary>One who has the key of the wallet.</summary>
    internal Task<Trader> OwnTraderAsync(long wh = 100_000, long ugrx = 1_000_000_000)
    {
        var keypair = Keypair.Generate();
        var wallet = keypair.PublicKey.ToKey32();
        return AddAsync(
            new Trader(Guid.NewGuid(), wallet, wallet, "zone-1", SigningKey.Generate(), keypair),
            wh,
            ugrx,
            verified: true,
            meter: true,
            onChain: true);
    }

    private async Task<Trader> AddAsync(
        Trader trader, long wh, long ugrx, bool verified, bool meter, bool onChain)
    {
        await using var connection = await Database.OpenConnectionAsync(None);
        var gateway = RandomKey();
        _ = await connection.ExecuteAsync(
            """
            insert into users (id, name, role, wallet, access_key, verified, created_at, registered_on_chain_at)
            values (@Id, 'Trader', 'prosumer', @Wallet, @AccessKey, @verified, @Now, @onChainAt);
            insert into gateways (gateway, name, created_at) values (@gateway, 'Gateway', @Now);
            """,
            new
            {
                trader.Id,
                trader.Wallet,
                trader.AccessKey,
                verified,
                gateway,
                Now,
                onChainAt = onChain ? Now : (DateTimeOffset?)null,
            });
        if (trader.Keypair is null)
        {
            _ = await connection.ExecuteAsync(
                """
                insert into managed_wallets (wallet, sealed_seed, master_key, created_at)
                values (@Wallet, @seed, '\x0000000000000000', @Now)
                """,
                new { trader.Wallet, Now, seed = new byte[72] });
        }

        if (meter)
        {
            await AddMeterAsync(trader, trader.Zone, gateway, trader.Device.PublicKey);
        }

        Chain.Give(trader.Wallet, wh, ugrx);
        return trader;
    }

    internal async Task AddMeterAsync(Trader trader, string zone, Key32 gateway, Key32 device)
    {
        await using var connection = await Database.OpenConnectionAsync(None);
        _ = await connection.ExecuteAsync(
            """
            insert into gateways (gateway, name, created_at) values (@gateway, 'Gateway', @Now) on conflict do nothing;
            insert into meters (meter_id, device, owner_id, zone, gateway, consent, registered_at,
                                registered_on_chain_at)
            values (@meter, @device, @Id, @zone, @gateway, '\x00', @Now, @Now);
            """,
            new { trader.Id, zone, gateway, device, meter = $"M-{device}"[..32], Now });
    }
}
