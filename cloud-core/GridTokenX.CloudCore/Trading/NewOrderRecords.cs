using System.Buffers.Binary;
using System.Security.Cryptography;
using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Market.Clearing;
using GridTokenX.Protocol.Keys;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>How a new order is written: pending, its escrow asked for.</summary>
internal static class NewOrderRecords
{
    /// <param name="transaction">Its owner is locked in it.</param>
    /// <param name="order">Which keeps all rules.</param>
    /// <param name="owner">Whose.</param>
    /// <param name="market">What the chain demands.</param>
    /// <param name="sponsor">Pays the rent of a managed wallet's order.</param>
    /// <param name="now">Market time.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal static async Task<OrderRow> InsertAsync(
        NpgsqlTransaction transaction,
        NewOrder order,
        OrderOwnerRow owner,
        MarketTerms market,
        Key32 sponsor,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var id = Guid.CreateVersion7(now);
        _ = await transaction.ExecuteAsync(
            """
            insert into orders (id, owner_id, side, zone, epoch, energy_wh, limit_price, target_order, status, escrow,
                                created_at, expires_at, chain_order_id, chain_expires_at, rent_payer, tx_signature,
                                fee_bps)
            values (@id, @owner, @side, @zone, @epoch, @energy, @limit, @target, 'pending', 'requested',
                    @now, @expires, @chainOrderId, @chainExpires, @rentPayer, @signature, @fee)
            """,
            new
            {
                id,
                owner = owner.Id,
                side = order.Side,
                zone = owner.Zone,
                epoch = MarketEpoch.At(now).Number,
                energy = order.Energy,
                limit = order.Limit,
                target = order.Target,
                now,
                expires = order.ExpiresAt,
                chainOrderId = order.Brought?.ChainOrderId ?? RandomOrderId(),
                chainExpires = order.ExpiresAt + market.Grace,
                rentPayer = order.Brought is null ? sponsor : order.Wallet,
                signature = order.Brought?.Signature,
                fee = market.FeeBasisPoints,
            },
            cancellationToken);
        return (await OrderQueries.FindAsync(transaction, id, cancellationToken))!;
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

    /// <summary>From 1 to 2^63 − 1: none that the owner of an exported key could have taken before.</summary>
    private static long RandomOrderId()
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        RandomNumberGenerator.Fill(bytes);
        return Math.Max(1, BinaryPrimitives.ReadInt64LittleEndian(bytes) & long.MaxValue);
    }
}
