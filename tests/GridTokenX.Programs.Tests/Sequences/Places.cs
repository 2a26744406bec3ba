using GridTokenX.Programs.Tests.Chain;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.Programs.Tests.Sequences;

/// <summary>All accounts of a sequence, whose addresses are worked out once.</summary>
internal sealed class Places
{
    private readonly PublicKey[] _all;

    public Places(World world, IReadOnlyList<Trader> traders)
    {
        Traders = traders;
        Grid = [.. traders.Select(trader => world.GridOf(trader.Address))];
        Grx = [.. traders.Select(trader => world.GrxOf(trader.Address))];
        Meters = [.. traders.Select(trader => world.Registry.Meter(trader.MeterId))];
        var keys =
            from owner in Enumerable.Range(0, traders.Count)
            from id in Enumerable.Range(1, Play.OrdersPerTrader)
            select new OrderKey(owner, (ulong)id);
        Orders = keys.ToDictionary(key => key, key => Pda.Find(
            world.Trading.Id, "order"u8.ToArray(), traders[key.Owner].Address.ToArray(),
            BitConverter.GetBytes(key.Id)));
        _all =
        [
            world.Trading.GridVault, world.Trading.GrxVault, world.FeeAccount, world.EnergyToken.Mint,
            .. traders.Select(trader => trader.Address), .. Grid, .. Grx, .. Meters,
            .. Orders.Values.Select(order => order.Address),
        ];
    }

    public IReadOnlyList<Trader> Traders { get; }

    public IReadOnlyList<PublicKey> Grid { get; }

    public IReadOnlyList<PublicKey> Grx { get; }

    public IReadOnlyList<PublicKey> Meters { get; }

    /// <summary>Where each order would be, open or not.</summary>
    public IReadOnlyDictionary<OrderKey, ProgramAddress> Orders { get; }

    public async Task<Snapshot> ReadAsync(World world)
    {
        // Not more than one request takes, so all of one moment.
        _all.Length.ShouldBeLessThanOrEqualTo(100);
        var accounts = await world.Chain.Rpc.GetMultipleAccountsAsync(_all);
        return new Snapshot(_all.Zip(accounts).ToDictionary(pair => pair.First, pair => pair.Second));
    }
}

internal sealed class Snapshot(Dictionary<PublicKey, AccountInfo?> accounts)
{
    public bool Exists(PublicKey address) => accounts[address] is not null;

    public ulong Lamports(PublicKey address) => accounts[address]?.Lamports ?? 0;

    public ulong Tokens(PublicKey address) => Read(address, TokenAccount.Parse).Amount;

    public T Read<T>(PublicKey address, Func<ReadOnlySpan<byte>, T> parse) =>
        parse(accounts[address].ShouldNotBeNull().Data.Span);
}
