using System.Numerics;
using GridTokenX.Protocol.Units;

namespace GridTokenX.Market.CrossZone;

/// <summary>What it takes to bring energy from one zone into another.</summary>
public sealed record ZoneLink
{
    public const int MaxLossPpm = 500_000;

    private const long Million = 1_000_000;

    /// <summary>The seller's zone.</summary>
    public required string From { get; init; }

    /// <summary>The buyer's zone.</summary>
    public required string To { get; init; }

    /// <summary>For each kWh that arrives; paid by the buyer to the grid.</summary>
    public required PricePerKwh Wheeling { get; init; }

    /// <summary>What is lost of the energy sent, in millionths: 0 to <see cref="MaxLossPpm"/>.</summary>
    public required int LossPpm { get; init; }

    /// <summary>The most energy that may still be sent.</summary>
    public required WattHours Capacity { get; init; }

    /// <summary>
    /// What a kWh costs when it has arrived: ask / (1 − loss), rounded up, and the wheeling charge.
    /// </summary>
    public PricePerKwh LandedCost(PricePerKwh ask)
    {
        var arriving = Million - LossPpm;
        var energy = (((Int128)ask.Value * Million) + arriving - 1) / arriving;
        return new PricePerKwh(checked((long)(energy + Wheeling.Value)));
    }

    /// <summary>What arrives of what is sent, rounded down to whole Wh; the rest is loss.</summary>
    public WattHours Arriving(WattHours sent) =>
        new((long)((Int128)sent.Value * (Million - LossPpm) / Million));

    /// <summary>The least to send for this much to arrive.</summary>
    public WattHours Sent(WattHours arriving)
    {
        var share = Million - LossPpm;
        return new WattHours(checked((long)((((Int128)arriving.Value * Million) + share - 1) / share)));
    }

    /// <summary>The most up to this energy of which the loss is a whole number of Wh.</summary>
    public WattHours WithoutRounding(WattHours sent)
    {
        var unit = Million / (long)BigInteger.GreatestCommonDivisor(Million, LossPpm);
        return new WattHours(sent.Value - (sent.Value % unit));
    }

    /// <summary>The rates are in range, and it leads somewhere else.</summary>
    public bool IsValid =>
        LossPpm is >= 0 and <= MaxLossPpm && Wheeling.Value >= 0 && Capacity >= WattHours.Zero && From != To;
}
