using GridTokenX.CloudCore.Chain;
using GridTokenX.Protocol.Keys;
using GridTokenX.Solana;

namespace GridTokenX.CloudCore.Tests.Chain;

/// <summary>The rows of other modules that the chain's part reads.</summary>
internal static class MeterRows
{
    public static async Task<Guid> AddUserAsync(this ChainRig rig, Key32 wallet, bool isVerified = true)
    {
        var id = Guid.NewGuid();
        await rig.ExecuteAsync(
            """
            insert into users (id, name, role, wallet, access_key, verified, created_at)
            values ($1, 'A', 'prosumer', $2, $2, $3, now())
            """,
            id,
            wallet.ToArray(),
            isVerified);
        return id;
    }

    public static async Task AddMeterAsync(
        this ChainRig rig,
        string meter,
        Guid owner,
        long producedWh,
        long consumedWh,
        Key32? device = null,
        bool isOnChain = true)
    {
        var gateway = new byte[32];
        gateway[0] = 1;
        await rig.ExecuteAsync(
            "insert into gateways (gateway, name, created_at) values ($1, 'G', now()) on conflict do nothing", gateway);
        await rig.ExecuteAsync(
            """
            insert into meters (meter_id, device, owner_id, zone, gateway, consent, registered_at, production_wh,
                consumption_wh, last_reading_at, registered_on_chain_at)
            values ($1, $2, $3, 'Z1', $4, '\x00', now(), $5, $6, date_trunc('second', now()),
                case when $7 then now() end)
            """,
            meter,
            (device ?? Some.Key).ToArray(),
            owner,
            gateway,
            producedWh,
            consumedWh,
            isOnChain);
    }

    /// <param name="laterBy">Than the reading before.</param>
    public static Task SetRegistersAsync(
        this ChainRig rig, string meter, long producedWh, long consumedWh, TimeSpan laterBy = default) =>
        rig.ExecuteAsync(
            """
            update meters set production_wh = $2, consumption_wh = $3, last_reading_at = last_reading_at + $4
            where meter_id = $1
            """,
            meter,
            producedWh,
            consumedWh,
            laterBy);

    /// <summary>As trading would have it when the chain has confirmed the order.</summary>
    public static Task AddOrderAsync(
        this ChainRig rig, Guid owner, PlaceOrder order, Key32 rentPayer, long settledWh = 0, string escrow = "held") =>
        rig.ExecuteAsync(
            """
            insert into orders (id, owner_id, side, zone, epoch, energy_wh, limit_price, filled_wh, settled_wh, status,
                escrow, created_at, expires_at, chain_order_id, rent_payer, chain_expires_at, fee_bps)
            values ($1, $2, $3, 'Z1', 1, $4, $5, $6, $6, 'active', $7, now(), $8, $9, $10, $8, 100)
            """,
            order.Order,
            owner,
            order.Side,
            order.Energy.Value,
            order.LimitPrice.Value,
            settledWh,
            escrow,
            order.ExpiresAt,
            (long)order.ChainOrderId,
            rentPayer.ToArray());

    /// <summary>A completed settlement of the two orders.</summary>
    public static async Task AddSettlementAsync(
        this ChainRig rig, PlaceOrder sell, PlaceOrder buy, SettleTrade trade, long value, long fee)
    {
        var match = Guid.NewGuid();
        await rig.ExecuteAsync(
            """
            insert into epochs (zone, number, starts_at, ends_at, status)
            values ('Z1', 1, now(), now(), 'cleared') on conflict do nothing
            """);
        await rig.ExecuteAsync(
            """
            insert into matches (id, zone, epoch, buy_order, sell_order, energy_wh, price, value_ugrx,
                buyer_share_ugrx, matched_at, tx_signature)
            values ($1, 'Z1', 1, $2, $3, $4, $5, $6, $6, now(), 'x')
            """,
            match,
            buy.Order,
            sell.Order,
            trade.Energy.Value,
            trade.Price.Value,
            value);
        await rig.ExecuteAsync(
            """
            insert into settlements (id, match_id, zone, epoch, energy_wh, value_ugrx, fee_ugrx, status, created_at)
            values ($1, $2, 'Z1', 1, $3, $4, $5, 'completed', now())
            """,
            trade.Id,
            match,
            trade.Energy.Value,
            value,
            fee);
    }

    /// <summary>A user with a meter, known here and on chain, whose registers stand as given.</summary>
    public static async Task<(Keypair Wallet, Guid User, string Meter)> AddMeteredUserAsync(
        this ChainRig rig, CloudProcess process, long producedWh, long consumedWh)
    {
        var wallet = await rig.CreateUserAsync(process);
        var user = await rig.AddUserAsync(wallet.PublicKey.ToKey32());
        var meter = Some.MeterId;
        var register = Some.Meter(wallet, meter, Neighbourhood.Now);
        await rig.AddMeterAsync(meter, user, producedWh, consumedWh, register.Device, isOnChain: false);
        await rig.DoAsync(process, register);
        await rig.UntilIdleAsync(process);
        return (wallet, user, meter);
    }
}
