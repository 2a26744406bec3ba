using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;
using GridTokenX.Protocol.Units;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.CloudCore.Ingest;

/// <summary>What is known of a meter when a reading of its device comes in.</summary>
/// <param name="LastSequence">Of the last accepted reading; 0 before the first.</param>
/// <param name="LastReadingAt">Its time; null before the first.</param>
/// <param name="Production">Its production register; 0 before the first: registers count from registration.</param>
/// <param name="Consumption">Its consumption register; likewise.</param>
internal sealed record MeterState(
    string MeterId,
    Key32 Device,
    Key32 Gateway,
    Key32 Wallet,
    bool UserVerified,
    DateTimeOffset RegisteredAt,
    long LastSequence,
    DateTimeOffset? LastReadingAt,
    WattHours Production,
    WattHours Consumption)
{
    /// <summary>Nothing of its device is believed any more.</summary>
    internal bool IsRevoked { get; init; }

    /// <summary>When the device took over from another one; null for a meter's first.</summary>
    internal DateTimeOffset? DeviceSince { get; init; }

    /// <summary>The device took over, and its first reading says where its registers begin.</summary>
    internal bool AwaitsBase { get; init; }

    /// <summary>The meter after an accepted reading.</summary>
    internal MeterState After(SignedReading reading) => this with
    {
        LastSequence = reading.Sequence,
        LastReadingAt = reading.Timestamp,
        Production = new(reading.ProductionWh),
        Consumption = new(reading.ConsumptionWh),
        AwaitsBase = false,
    };
}

/// <summary>
/// The rules for a well-formed reading of a known device whose signature verifies and which is not stored already.
/// Pure: the first rule that is broken gives the code, in the order of docs/PROTOCOL.md; null is accepted.
/// </summary>
internal static class ReadingRules
{
    internal static string? Refusal(
        MeterState meter, SignedReading reading, DateTimeOffset now, IngestOptions limits) =>
        OwnerRefusal(meter)
        ?? TimeRefusal(reading, now, limits)
        ?? SuccessionRefusal(meter, reading, limits)
        ?? (IsEnergyPlausible(meter, reading, limits) ? null : ProblemCodes.EnergyOutOfRange);

    internal static string? OwnerRefusal(MeterState meter)
    {
        if (meter.IsRevoked)
        {
            return ProblemCodes.DeviceRevoked;
        }

        if (!meter.UserVerified)
        {
            return ProblemCodes.UserNotVerified;
        }

        return meter.Wallet == default ? ProblemCodes.InvalidWallet : null;
    }

    /// <summary>Production less consumption since the last accepted reading.</summary>
    internal static WattHours NetSince(MeterState meter, SignedReading reading) =>
        meter.AwaitsBase
            ? default
            : new WattHours(reading.ProductionWh) - meter.Production
                - (new WattHours(reading.ConsumptionWh) - meter.Consumption);

    internal static string? TimeRefusal(SignedReading reading, DateTimeOffset now, IngestOptions limits)
    {
        if ((reading.Flags & ReadingBytes.FlagTimeNotSynchronised) != 0)
        {
            return ProblemCodes.TimeNotSynchronised;
        }

        if (now - reading.Timestamp > limits.MaxAge)
        {
            return ProblemCodes.TooOld;
        }

        return reading.Timestamp - now > limits.MaxAhead ? ProblemCodes.InFuture : null;
    }

    private static string? SuccessionRefusal(MeterState meter, SignedReading reading, IngestOptions limits)
    {
        if (reading.Sequence <= meter.LastSequence)
        {
            return ProblemCodes.SequenceReused;
        }

        if (meter.AwaitsBase)
        {
            // What both devices have counted would count twice.
            return reading.Timestamp < meter.DeviceSince ? ProblemCodes.TooOld : RateRefusal(meter, reading, limits);
        }

        if (reading.ProductionWh < meter.Production.Value || reading.ConsumptionWh < meter.Consumption.Value)
        {
            return ProblemCodes.RegisterRegression;
        }

        return RateRefusal(meter, reading, limits);
    }

    private static string? RateRefusal(MeterState meter, SignedReading reading, IngestOptions limits) =>
        reading.Timestamp - meter.LastReadingAt < limits.MinReadingInterval ? ProblemCodes.RateLimited : null;

    private static bool IsEnergyPlausible(MeterState meter, SignedReading reading, IngestOptions limits)
    {
        if (meter.AwaitsBase)
        {
            return true;
        }

        var most = MostEnergy(reading, reading.Timestamp - (meter.LastReadingAt ?? meter.RegisteredAt), limits);
        return reading.ProductionWh - meter.Production.Value <= most
            && reading.ConsumptionWh - meter.Consumption.Value <= most;
    }

    /// <summary>Whether the registers may have grown by so much since an earlier reading.</summary>
    internal static bool MayGrow(
        SignedReading earlier, DateTimeOffset until, long production, long consumption, IngestOptions limits)
    {
        var most = MostEnergy(earlier, until - earlier.Timestamp, limits);
        return production <= most && consumption <= most;
    }

    /// <summary>
    /// The limit × elapsed ÷ interval, rounded down, at least the limit itself. The interval is the device's own
    /// word, so none shorter than readings may follow one another counts: else a device that claims one second would
    /// have 900 times the room.
    /// </summary>
    private static Int128 MostEnergy(SignedReading reading, TimeSpan elapsed, IngestOptions limits)
    {
        var interval = Math.Max(reading.IntervalSeconds, (long)limits.MinReadingInterval.TotalSeconds);
        var proRata = (Int128)limits.MaxIntervalWh * (long)elapsed.TotalSeconds / interval;
        return Int128.Max(proRata, limits.MaxIntervalWh);
    }
}
