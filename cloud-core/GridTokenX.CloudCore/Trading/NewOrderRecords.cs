using System.Buffers.Binary;
using System.Security.Cryptography;
using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Market.Clearing;
using GridTokenX.Protocol.Keys;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>An order that is taken, with its owner and the request it came with.</summary>
internal sealed record TakenOrder(NewOrder Order, OrderOwnerRow Owner, SignedRequest Signed);

/// <summary>How new orders are written: pending, their escrow asked for.</summary>
internal static class NewOrderRecords
{
    private sealed record Numbered(Guid Id, long Sequence);

    /// <param name="transaction">The owners are locked in it.</param>
    /// <param name="taken">Which keep all rules; their places follow this order.</param>
    /// <param name="market">What the chain demands.</param>
    /// <param name="sponsor">Pays the rent of a managed wallet's order.</param>
    /// <param name="now">Market time.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal static async Task<IReadOnlyList<OrderRow>> InsertAsync(
        NpgsqlTransaction transaction,
        IReadOnlyList<TakenOrder> taken,
        MarketTerms market,
        Key32 sponsor,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var rows = taken.Select(order => ToRow(order, market, Stored(now))).ToList();
        var numbered = await transaction.QueryAsync<Numbered>(
            """
            insert into orders (id, owner_id, side, zone, epoch, energy_wh, limit_price, target_order, status, escrow,
                                created_at, expires_at, chain_order_id, chain_expires_at, rent_payer, tx_signature,
                                fee_bps)
            select id, owner, side, zone, @epoch, energy, price, target, 'pending', 'requested', @now, expires,
                   number, chain_expires, payer, signature, @fee
            from unnest(@ids, @owners, @sides, @zones, @energies, @prices, @targets, @expiries, @numbers,
                        @chainExpiries, @payers, @signatures) with ordinality
                as o (id, owner, side, zone, energy, price, target, expires, number, chain_expires, payer, signature,
                      position)
            order by position
            returning id, sequence
            """,
            new
            {
                epoch = MarketEpoch.At(now).Number,
                now,
                fee = market.FeeBasisPoints,
                ids = rows.ConvertAll(static row => row.Id).ToArray(),
                owners = rows.ConvertAll(static row => row.OwnerId).ToArray(),
                sides = rows.ConvertAll(static row => row.Side).ToArray(),
                zones = rows.ConvertAll(static row => row.Zone).ToArray(),
                energies = rows.ConvertAll(static row => row.Energy.Value).ToArray(),
                prices = rows.ConvertAll(static row => row.LimitPrice.Value).ToArray(),
                targets = rows.ConvertAll(static row => row.TargetOrder).ToArray(),
                expiries = rows.ConvertAll(static row => row.ExpiresAt.UtcDateTime).ToArray(),
                numbers = rows.ConvertAll(static row => row.ChainOrderId).ToArray(),
                chainExpiries = rows.ConvertAll(static row => row.ChainExpiresAt.UtcDateTime).ToArray(),
                payers = taken.Select(order => (order.Order.Brought is null ? sponsor : order.Order.Wallet).ToArray())
                    .ToArray(),
                signatures = rows.ConvertAll(static row => row.TxSignature).ToArray(),
            },
            cancellationToken);
        var sequences = numbered.ToDictionary(static row => row.Id, static row => row.Sequence);
        return rows.ConvertAll(row => row with { Sequence = sequences[row.Id] });
    }

    /// <param name="order">As it was inserted.</param>
    /// <param name="brought">The owner's transaction; null when a managed wallet signs.</param>
    internal static PlaceOrder ToIntent(OrderRow order, string? brought) => new(
        order.Id,
        order.Id,
        order.Wallet,
        order.Side,
        (ulong)order.ChainOrderId,
        order.Energy,
        order.LimitPrice,
        order.ChainExpiresAt,
        brought);

    private static OrderRow ToRow(TakenOrder taken, MarketTerms market, DateTimeOffset now)
    {
        var (order, owner, _) = taken;
        return new OrderRow
        {
            Id = Guid.CreateVersion7(now),
            Sequence = 0,
            OwnerId = owner.Id,
            Side = order.Side,
            Zone = owner.Zone,
            Energy = order.Energy,
            LimitPrice = order.Limit,
            Filled = default,
            TargetOrder = order.Target,
            Status = OrderStatus.Pending,
            Escrow = EscrowState.Requested,
            Reason = null,
            CreatedAt = now,
            ExpiresAt = order.ExpiresAt,
            ChainOrderId = order.Brought?.ChainOrderId ?? RandomOrderId(),
            ChainExpiresAt = order.ExpiresAt + market.Grace,
            TxSignature = order.Brought?.Signature,
            FeeBasisPoints = market.FeeBasisPoints,
            Wallet = owner.User.Wallet,
            AccessKey = owner.User.AccessKey,
            Name = owner.User.Name,
            Role = owner.User.Role,
        };
    }

    /// <summary>As the database keeps it: whole microseconds.</summary>
    private static DateTimeOffset Stored(DateTimeOffset time) =>
        time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMicrosecond));

    /// <summary>From 1 to 2^63 − 1: none that the owner of an exported key could have taken before.</summary>
    private static long RandomOrderId()
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        RandomNumberGenerator.Fill(bytes);
        return Math.Max(1, BinaryPrimitives.ReadInt64LittleEndian(bytes) & long.MaxValue);
    }
}
