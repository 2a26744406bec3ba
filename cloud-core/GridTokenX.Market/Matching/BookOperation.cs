using System.Buffers.Binary;
using GridTokenX.Market.Clearing;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.Matching;

public enum OperationKind
{
    None = 0,
    Place,
    Restore,
    Cancel,
    Reduce,
    MatchAcross,
    AdvanceTo,
    SetDynamicPrice,
    Match,
    Auction,
}

/// <summary>
/// One line of a book's journal. The operations of a book since it was empty, applied in their order to an empty book
/// with the same rules, give the same events and the same state hash.
/// </summary>
public readonly record struct BookOperation
{
    public const int EncodedLength = 64;

    public required OperationKind Kind { get; init; }

    /// <summary>Of Place and Restore; of the others only what <see cref="Kind"/> needs.</summary>
    public NewOrder Order { get; init; }

    /// <summary>Of an auction.</summary>
    public Rationing Rationing { get; init; }

    public static BookOperation Place(in NewOrder order) => new() { Kind = OperationKind.Place, Order = order };

    public static BookOperation Restore(in NewOrder order) => new() { Kind = OperationKind.Restore, Order = order };

    public static BookOperation Cancel(long sequence) => Of(OperationKind.Cancel, sequence, default);

    public static BookOperation Reduce(long sequence, WattHours by) => Of(OperationKind.Reduce, sequence, by);

    public static BookOperation MatchAcross(long sequence, WattHours energy) =>
        Of(OperationKind.MatchAcross, sequence, energy);

    public static BookOperation AdvanceTo(MarketTime now) => new()
    {
        Kind = OperationKind.AdvanceTo,
        Order = default(NewOrder) with { ExpiresAt = now },
    };

    public static BookOperation SetDynamicPrice(PricePerKwh? price) => new()
    {
        Kind = OperationKind.SetDynamicPrice,
        Order = default(NewOrder) with { Limit = price ?? default },
    };

    public static BookOperation Match() => new() { Kind = OperationKind.Match };

    public static BookOperation Auction(Rationing rationing) =>
        new() { Kind = OperationKind.Auction, Rationing = rationing };

    /// <summary>What the book answered; None for what cannot be refused.</summary>
    /// <exception cref="InvalidOperationException">There is no such operation.</exception>
    public RejectReason ApplyTo<TListener>(OrderBook<TListener> book)
        where TListener : IBookListener
    {
        ArgumentNullException.ThrowIfNull(book);
        switch (Kind)
        {
            case OperationKind.Place:
                return book.Place(Order);
            case OperationKind.Restore:
                return book.Restore(Order);
            case OperationKind.Cancel:
                return book.Cancel(Order.Sequence);
            case OperationKind.Reduce:
                return book.Reduce(Order.Sequence, Order.Energy);
            case OperationKind.MatchAcross:
                return book.MatchAcross(Order.Sequence, Order.Energy);
            case OperationKind.AdvanceTo:
                book.AdvanceTo(Order.ExpiresAt);
                return RejectReason.None;
            case OperationKind.SetDynamicPrice:
                book.SetDynamicPrice(Order.Limit.Value == 0 ? null : Order.Limit);
                return RejectReason.None;
            case OperationKind.Match:
                book.Match();
                return RejectReason.None;
            case OperationKind.Auction:
                _ = book.Auction(Rationing);
                return RejectReason.None;
            default:
                throw new InvalidOperationException($"There is no operation {Kind}.");
        }
    }

    /// <summary>
    /// 64 bytes, big-endian: kind (1), side (1), time in force (1), rationing (1), zeros (4), sequence, owner, limit,
    /// energy, filled, expiry or instant (UTC ticks), target (8 each).
    /// </summary>
    public void Write(Span<byte> bytes)
    {
        bytes[..EncodedLength].Clear();
        bytes[0] = (byte)Kind;
        bytes[1] = (byte)Order.Side;
        bytes[2] = (byte)Order.TimeInForce;
        bytes[3] = (byte)Rationing;
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], Order.Sequence);
        BinaryPrimitives.WriteInt64BigEndian(bytes[16..], Order.Owner);
        BinaryPrimitives.WriteInt64BigEndian(bytes[24..], Order.Limit.Value);
        BinaryPrimitives.WriteInt64BigEndian(bytes[32..], Order.Energy.Value);
        BinaryPrimitives.WriteInt64BigEndian(bytes[40..], Order.Filled.Value);
        BinaryPrimitives.WriteInt64BigEndian(bytes[48..], Order.ExpiresAt.UtcTicks);
        BinaryPrimitives.WriteInt64BigEndian(bytes[56..], Order.Target);
    }

    /// <summary>Reads what <see cref="Write"/> wrote; what it says is checked when it is applied.</summary>
    public static BookOperation Read(ReadOnlySpan<byte> bytes)
    {
        bytes = bytes[..EncodedLength];
        return new BookOperation
        {
            Kind = (OperationKind)bytes[0],
            Rationing = (Rationing)bytes[3],
            Order = new NewOrder
            {
                Side = (Side)bytes[1],
                TimeInForce = (TimeInForce)bytes[2],
                Sequence = BinaryPrimitives.ReadInt64BigEndian(bytes[8..]),
                Owner = BinaryPrimitives.ReadInt64BigEndian(bytes[16..]),
                Limit = new PricePerKwh(BinaryPrimitives.ReadInt64BigEndian(bytes[24..])),
                Energy = new WattHours(BinaryPrimitives.ReadInt64BigEndian(bytes[32..])),
                Filled = new WattHours(BinaryPrimitives.ReadInt64BigEndian(bytes[40..])),
                ExpiresAt = new MarketTime(BinaryPrimitives.ReadInt64BigEndian(bytes[48..])),
                Target = BinaryPrimitives.ReadInt64BigEndian(bytes[56..]),
            },
        };
    }

    private static BookOperation Of(OperationKind kind, long sequence, WattHours energy) => new()
    {
        Kind = kind,
        Order = default(NewOrder) with { Sequence = sequence, Energy = energy },
    };
}
