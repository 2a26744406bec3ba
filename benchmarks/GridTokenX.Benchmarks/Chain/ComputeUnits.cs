using System.Text.Json;
using GridTokenX.Programs;
using GridTokenX.Solana;

namespace GridTokenX.Benchmarks.Chain;

/// <summary>Compute units of each instruction: the median over wallets of their own, as the local chain counts them,
/// including what the instruction calls. One meter, one order, one settlement each.</summary>
internal sealed class ComputeUnits(ChainRig rig)
{
    private const int Rounds = 31;
    private const ulong Price = 2 * ChainRig.Grx;

    /// <summary>What the public GridTokenX programs publish for the same: create_sell_order with its deposit_escrow,
    /// match_order for match_orders (which moves no token), settle_match for the least of settle_offchain_match,
    /// submit_meter_reading for update_meter_reading, settle_and_mint_tokens for mint_to_wallet.</summary>
    private static readonly Dictionary<string, double> Published = new()
    {
        ["register_user"] = 15_910,
        ["register_meter"] = 20_125,
        ["submit_meter_reading"] = 7_568,
        ["settle_and_mint_tokens"] = 13_722,
        ["create_sell_order"] = 11_518 + 27_670,
        ["create_buy_order"] = 11_518 + 27_670,
        ["cancel_order"] = 4_469,
        ["match_order"] = 11_752,
        ["settle_match"] = 101_000,
    };

    public async Task<IReadOnlyList<Measurement>> MeasureAsync()
    {
        for (var round = 0UL; round < Rounds; round++)
        {
            await MetersAsync();
            await OrdersAsync(round);
        }

        var programs = new[] { rig.Registry.Id, rig.EnergyToken.Id, rig.Trading.Id }.Select(id => id.ToString());
        var stats = await rig.Rpc.CallAsync("gridtokenx_stats", static _ => { });
        return
        [
            .. stats.GetProperty("instructions").EnumerateArray()
                .Where(entry => programs.Contains(entry.GetProperty("program").GetString()))
                .Where(static entry => entry.GetProperty("count").GetInt32() >= Rounds)
                .Select(ToMeasurement)
                .OrderBy(static measurement => measurement.Metric, StringComparer.Ordinal),
        ];
    }

    private static Measurement ToMeasurement(JsonElement entry)
    {
        var name = InstructionNames.ByHex[entry.GetProperty("discriminator").GetString()!];
        double? published = Published.TryGetValue(name, out var units) ? units : null;
        return new Measurement(
            ChainBench.Name, name, "compute units", entry.GetProperty("medianComputeUnits").GetDouble(), published);
    }

    private async Task MetersAsync()
    {
        using var user = await rig.UserAsync();
        var meter = await rig.MeterAsync(user.PublicKey);
        await ReadAsync(meter, 1_000);
        await rig.RunAsync(
            rig.Registry.SettleAndMintTokens(rig.EnergyToken, new MeterMint(meter, user.PublicKey)), rig.Oracle);
        await rig.RunAsync(rig.EnergyToken.Retire(user.PublicKey, ChainRig.Grid), user);
        await rig.SetTimeAsync(rig.Now + 900);
        await ReadAsync(meter, 2_000);
        await rig.RunAsync(rig.Registry.GetUnsettledBalance(meter), user);
        await rig.RunAsync(rig.Registry.SettleMeterBalance(user.PublicKey, meter), user);
        await rig.RunAsync(rig.Registry.DeactivateMeter(user.PublicKey, meter), user);
    }

    private Task<Signature> ReadAsync(string meter, ulong production) => rig.RunAsync(
        rig.Registry.SubmitMeterReading(rig.Oracle.PublicKey, new MeterRegisters(meter, production, 0, rig.Now)),
        rig.Oracle);

    private async Task OrdersAsync(ulong round)
    {
        using var seller = await rig.UserAsync(gridWattHours: 10_000);
        using var buyer = await rig.UserAsync(grx: 100 * ChainRig.Grx);
        await SettleAsync(seller, buyer, settlementId: 2 * round);
        await BuyDirectlyAsync(seller, buyer, settlementId: (2 * round) + 1);

        var cancelled = await OrderAsync(OrderSide.Sell, seller, rig.Terms(3, Price));
        await rig.RunAsync(rig.Trading.CancelOrder(cancelled), seller);
        var released = await OrderAsync(OrderSide.Buy, buyer, rig.Terms(4, Price));
        await rig.RunAsync(rig.Trading.ReleaseOrders(rig.Matcher.PublicKey, released), rig.Matcher);
        var expired = await OrderAsync(OrderSide.Sell, seller, rig.Terms(5, Price, lifetime: 60));
        await rig.SetTimeAsync(rig.Now + 60);
        await rig.RunAsync(rig.Trading.ExpireOrders(expired), rig.Matcher);
    }

    /// <summary>Both orders are filled, and so closed.</summary>
    private async Task SettleAsync(Keypair seller, Keypair buyer, ulong settlementId)
    {
        await OrderAsync(OrderSide.Sell, seller, rig.Terms(1, Price));
        await OrderAsync(OrderSide.Buy, buyer, rig.Terms(1, Price + ChainRig.Grx));
        var settlement = new MatchSettlement(
            settlementId, ChainRig.Grid, Price, Reference(seller, 1), Reference(buyer, 1));
        await rig.RunAsync(
            rig.Trading.SettleMatch(rig.Matcher.PublicKey, rig.FeeAccount, settlement), rig.Matcher);
    }

    private async Task BuyDirectlyAsync(Keypair seller, Keypair buyer, ulong settlementId)
    {
        await OrderAsync(OrderSide.Sell, seller, rig.Terms(2, Price));
        var purchase = new DirectPurchase(
            settlementId, ChainRig.Grid, Price, buyer.PublicKey, Reference(seller, 2));
        await rig.RunAsync(
            rig.Trading.MatchOrder(rig.Matcher.PublicKey, rig.FeeAccount, purchase), buyer, rig.Matcher);
    }

    private async Task<OrderClosing> OrderAsync(OrderSide side, Keypair owner, OrderTerms terms)
    {
        var key = owner.PublicKey;
        await rig.RunAsync(rig.Trading.CreateOrder(side, key, key, terms), owner);
        return new OrderClosing(key, terms.OrderId, side, key);
    }

    private static OrderReference Reference(Keypair owner, ulong orderId) =>
        new(owner.PublicKey, orderId, owner.PublicKey);
}
