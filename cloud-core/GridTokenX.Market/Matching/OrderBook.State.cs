using System.Buffers.Binary;
using System.Security.Cryptography;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Matching;

/// <summary>An order that rests, as it stands now.</summary>
public readonly record struct BookedOrder(
    long Sequence,
    long Owner,
    Side Side,
    PricePerKwh Limit,
    WattHours Energy,
    WattHours Rest,
    MarketTime ExpiresAt,
    TimeInForce TimeInForce = TimeInForce.GoodTillCancelled)
{
    /// <summary>It is there for one auction, or one cycle over several zones.</summary>
    public bool IsBrief => TimeInForce != TimeInForce.GoodTillCancelled;

    /// <summary>What puts it back into a book as it stands, by <see cref="OrderBook{TListener}.Restore"/>.</summary>
    public NewOrder ToNewOrder() => new()
    {
        Sequence = Sequence,
        Owner = Owner,
        Side = Side,
        Limit = Limit,
        Energy = Energy,
        Filled = Energy - Rest,
        ExpiresAt = ExpiresAt,
        TimeInForce = TimeInForce,
    };
}

/// <summary>All that rests at one price.</summary>
public readonly record struct DepthLevel(PricePerKwh Price, WattHours Energy, int Orders);

/// <content>What stands in the book.</content>
public sealed partial class OrderBook<TListener>
{
    public PricePerKwh? DynamicPrice => _dynamicPrice == 0 ? null : new PricePerKwh(_dynamicPrice);

    public PricePerKwh? BestBid => _bids.Best == 0 ? null : new PricePerKwh(_bids[_bids.Best].Key);

    public PricePerKwh? BestAsk => _asks.Best == 0 ? null : new PricePerKwh(-_asks[_asks.Best].Key);

    public bool TryFind(long sequence, out BookedOrder order)
    {
        var slot = _pool.Find(sequence);
        order = slot == 0 ? default : View(slot);
        return slot != 0;
    }

    /// <summary>By price, best first.</summary>
    public IEnumerable<DepthLevel> Depth(Side side)
    {
        var levels = SideOf(side);
        for (var level = levels.Best; level != 0; level = levels[level].Worse)
        {
            var (price, energy, orders) = (levels[level].Key, levels[level].Energy, levels[level].Count);
            yield return new DepthLevel(new PricePerKwh(KeyOf(side, price)), new WattHours(energy), orders);
        }
    }

    /// <summary>In the order in which they would match: by price, best first, then by sequence.</summary>
    public IEnumerable<BookedOrder> Orders(Side side)
    {
        var levels = SideOf(side);
        for (var level = levels.Best; level != 0; level = levels[level].Worse)
        {
            for (var slot = levels[level].Head; slot != 0; slot = _pool[slot].Next)
            {
                yield return View(slot);
            }
        }
    }

    /// <summary>
    /// The first 128 bits of the SHA-256 of the book's state, big-endian: <c>GTX/book/v1</c> padded with zeros to 16
    /// bytes, time (UTC ticks), last sequence, dynamic price (0 for none), number of bids, number of asks; then bids
    /// and asks as <see cref="Orders"/> lists them, 48 bytes each: sequence, owner, limit, energy, rest, expiry (UTC
    /// ticks); then of those that are not good till cancelled, in the same order, sequence and time in force, 16 bytes
    /// each. Nothing of how a book keeps them, so any implementation of the rules has the same.
    /// </summary>
    public UInt128 StateHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> bytes = stackalloc byte[56];
        "GTX/book/v1"u8.CopyTo(bytes);
        BinaryPrimitives.WriteInt64BigEndian(bytes[16..], _now.UtcTicks);
        BinaryPrimitives.WriteInt64BigEndian(bytes[24..], _lastSequence);
        BinaryPrimitives.WriteInt64BigEndian(bytes[32..], _dynamicPrice);
        BinaryPrimitives.WriteInt64BigEndian(bytes[40..], Orders(Side.Bid).LongCount());
        BinaryPrimitives.WriteInt64BigEndian(bytes[48..], Orders(Side.Ask).LongCount());
        hash.AppendData(bytes);
        foreach (var order in Orders(Side.Bid).Concat(Orders(Side.Ask)))
        {
            BinaryPrimitives.WriteInt64BigEndian(bytes, order.Sequence);
            BinaryPrimitives.WriteInt64BigEndian(bytes[8..], order.Owner);
            BinaryPrimitives.WriteInt64BigEndian(bytes[16..], order.Limit.Value);
            BinaryPrimitives.WriteInt64BigEndian(bytes[24..], order.Energy.Value);
            BinaryPrimitives.WriteInt64BigEndian(bytes[32..], order.Rest.Value);
            BinaryPrimitives.WriteInt64BigEndian(bytes[40..], order.ExpiresAt.UtcTicks);
            hash.AppendData(bytes[..48]);
        }

        foreach (var order in Orders(Side.Bid).Concat(Orders(Side.Ask)).Where(static order => order.IsBrief))
        {
            BinaryPrimitives.WriteInt64BigEndian(bytes, order.Sequence);
            BinaryPrimitives.WriteInt64BigEndian(bytes[8..], (long)order.TimeInForce);
            hash.AppendData(bytes[..16]);
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        _ = hash.GetHashAndReset(digest);
        return BinaryPrimitives.ReadUInt128BigEndian(digest);
    }

    private BookedOrder View(int slot)
    {
        ref var order = ref _pool[slot];
        var limit = KeyOf(order.Side, SideOf(order.Side)[order.Level].Key);
        return new BookedOrder(
            order.Sequence,
            order.Owner,
            order.Side,
            new PricePerKwh(limit),
            new WattHours(order.Energy),
            new WattHours(order.Rest),
            _expiries.InstantOf(ref order),
            order.TimeInForce);
    }
}
