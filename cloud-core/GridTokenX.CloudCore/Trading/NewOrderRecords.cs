using System.Runtime.InteropServices;
using System.Security.Cryptography;
using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Market.Clearing;
using GridTokenX.Protocol.Keys;
using Npgsql;

namespace GridTokenX.CloudCore.Trading;

/// <summary>An order that is taken, with its owner and where its result belongs.</summary>
internal sealed record TakenOrder(NewOrder Order, OrderOwnerRow Owner, OrderOutcome[] Outcomes, int Position);

/// <param name="Market">What the chain demands.</param>
/// <param name="Sponsor">Pays the rent of a managed wallet's order.</param>
/// <param name="Now">Market time.</param>
internal sealed record NewOrderTerms(MarketTerms Market, Key32 Sponsor, DateTimeOffset Now);

/// <summary>How new orders are written: pending, their escrow asked for.</summary>
internal static class NewOrderRecords
{
    private const string Insert =
        """
        insert into orders (id, owner_id, side, zone, epoch, energy_wh, limit_price, target_order, status, escrow,
                            created_at, expires_at, chain_order_id, chain_expires_at, rent_payer, tx_signature,
                            fee_bps, time_in_force)
        select id, owner, side, zone, $14, energy, price, target, 'pending', 'requested', $15, expires,
               number, chain_expires, payer, signature, $16, force
        from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) with ordinality
            as o (id, owner, side, zone, energy, price, target, expires, number, chain_expires, payer, signature,
                  force, position)
        order by position
        """;

    /// <summary>
    /// The orders that were taken, the keys of their requests, and what the chain has to do; the owners are locked in
    /// the transaction. Their places follow their order. Each row stands in its request's results afterwards, except
    /// for its sequence.
    /// </summary>
    internal static void Add(PendingWrites writes, IChainOutbox outbox, PlacementGroup group, NewOrderTerms terms)
    {
        var rows = new OrderRow[group.Taken.Count];
        var intents = new ChainIntent[rows.Length];
        var numbers = RandomOrderIds(rows.Length);
        var now = Stored(terms.Now);
        foreach (var (i, taken) in group.Taken.Index())
        {
            rows[i] = ToRow(taken, numbers[i], terms.Market, now);
            intents[i] = ToIntent(rows[i], taken.Order.Brought?.Base64);
            taken.Outcomes[taken.Position] = rows[i];
        }

        writes.Add(Inserting(group.Taken, rows, terms));
        writes.Add(IdempotencyRecords.Adding([.. group.Requests], now));
        writes.Add(outbox.Enqueuing(intents));
    }

    private static NpgsqlBatchCommand Inserting(List<TakenOrder> taken, OrderRow[] rows, NewOrderTerms terms)
    {
        byte[][] payers = [.. taken.Select(order => PayerOf(order, terms.Sponsor))];
        return new NpgsqlBatchCommand(Insert)
        {
            Parameters =
            {
                Column(rows, static row => row.Id),
                Column(rows, static row => row.OwnerId),
                Column(rows, static row => row.Side),
                Column(rows, static row => row.Zone),
                Column(rows, static row => row.Energy.Value),
                Column(rows, static row => row.LimitPrice.Value),
                Column(rows, static row => row.TargetOrder),
                Column(rows, static row => row.ExpiresAt.UtcDateTime),
                Column(rows, static row => row.ChainOrderId),
                Column(rows, static row => row.ChainExpiresAt.UtcDateTime),
                new NpgsqlParameter<byte[][]> { TypedValue = payers },
                Column(rows, static row => row.TxSignature),
                Column(rows, static row => row.TimeInForce),
                new NpgsqlParameter<long> { TypedValue = MarketEpoch.At(terms.Now).Number },
                new NpgsqlParameter<DateTime> { TypedValue = Stored(terms.Now).UtcDateTime },
                new NpgsqlParameter<int> { TypedValue = terms.Market.FeeBasisPoints },
            },
        };
    }

    private static byte[] PayerOf(TakenOrder taken, Key32 sponsor) =>
        (taken.Order.Brought is null ? sponsor : taken.Order.Wallet).ToArray();

    private static NpgsqlParameter<T[]> Column<T>(OrderRow[] rows, Converter<OrderRow, T> value) =>
        new() { TypedValue = Array.ConvertAll(rows, value) };

    private static PlaceOrder ToIntent(OrderRow order, string? brought) => new(
        order.Id,
        order.Id,
        order.Wallet,
        order.Side,
        (ulong)order.ChainOrderId,
        order.Energy,
        order.LimitPrice,
        order.ChainExpiresAt,
        brought);

    private static OrderRow ToRow(TakenOrder taken, long number, MarketTerms market, DateTimeOffset now)
    {
        var (order, owner) = (taken.Order, taken.Owner);
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
            TimeInForce = order.Force,
            Status = OrderStatus.Pending,
            Escrow = EscrowState.Requested,
            Reason = null,
            CreatedAt = now,
            ExpiresAt = order.ExpiresAt,
            ChainOrderId = order.Brought?.ChainOrderId ?? number,
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
    private static long[] RandomOrderIds(int count)
    {
        var ids = new long[count];
        RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(ids.AsSpan()));
        return Array.ConvertAll(ids, static id => Math.Max(1, id & long.MaxValue));
    }
}
