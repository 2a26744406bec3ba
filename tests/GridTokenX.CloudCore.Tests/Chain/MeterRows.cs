using GridTokenX.Protocol.Keys;

namespace GridTokenX.CloudCore.Tests.Chain;

/// <summary>The rows of other modules that the chain's part reads.</summary>
internal static class MeterRows
{
    public static async Task<Guid> AddUserAsync(this ChainRig rig, Key32 wallet, bool isVerified = true)
    {
        var id = Guid.NewGuid();
        await rig.ExecuteAsync(
            """
            insert into users (id, name, role, wallet, verified, created_at) values ($1, 'A', 'prosumer', $2, $3, now())
            """,
            id,
            wallet.ToArray(),
            isVerified);
        return id;
    }

    public static async Task AddMeterAsync(
        this ChainRig rig, string meter, Guid owner, long producedWh, long consumedWh)
    {
        var gateway = new byte[32];
        gateway[0] = 1;
        await rig.ExecuteAsync(
            "insert into gateways (gateway, name, created_at) values ($1, 'G', now()) on conflict do nothing", gateway);
        await rig.ExecuteAsync(
            """
            insert into meters (meter_id, device, owner_id, zone, gateway, consent, registered_at, production_wh,
                consumption_wh)
            values ($1, $2, $3, 'Z1', $4, '\x00', now(), $5, $6)
            """,
            meter,
            System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(meter)),
            owner,
            gateway,
            producedWh,
            consumedWh);
    }

    public static Task SetRegistersAsync(this ChainRig rig, string meter, long producedWh, long consumedWh) =>
        rig.ExecuteAsync(
            "update meters set production_wh = $2, consumption_wh = $3 where meter_id = $1",
            meter,
            producedWh,
            consumedWh);

    /// <summary>A sell and a buy order of the two owners, matched and settled; returns the settlement's id.</summary>
    public static async Task<Guid> AddSettlementAsync(
        this ChainRig rig, Guid seller, Guid buyer, long wh, long value, long fee, long refund)
    {
        var (sell, buy, match, settlement) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        await rig.ExecuteAsync(
            """
            insert into epochs (zone, number, starts_at, ends_at, status)
            values ('Z1', 1, now(), now(), 'cleared') on conflict do nothing
            """);
        foreach (var (id, owner, side) in new[] { (sell, seller, "sell"), (buy, buyer, "buy") })
        {
            await rig.ExecuteAsync(
                """
                insert into orders (id, owner_id, side, zone, epoch, energy_wh, limit_price, filled_wh, settled_wh,
                    status, created_at, expires_at)
                values ($1, $2, $3, 'Z1', 1, $4, $5, $4, $4, 'settled', now(), now())
                """,
                id,
                owner,
                side,
                wh,
                (value + refund) * 1000 / wh);
        }

        await rig.ExecuteAsync(
            """
            insert into matches (id, zone, epoch, buy_order, sell_order, energy_wh, price, value_ugrx,
                buyer_share_ugrx, matched_at, tx_signature)
            values ($1, 'Z1', 1, $2, $3, $4, 1000, $5, $6, now(), 'x')
            """,
            match,
            buy,
            sell,
            wh,
            value,
            value + refund);
        await rig.ExecuteAsync(
            """
            insert into settlements (id, match_id, zone, epoch, energy_wh, value_ugrx, fee_ugrx, refund_ugrx, status,
                created_at)
            values ($1, $2, 'Z1', 1, $3, $4, $5, $6, 'completed', now())
            """,
            settlement,
            match,
            wh,
            value,
            fee,
            refund);
        return settlement;
    }
}
