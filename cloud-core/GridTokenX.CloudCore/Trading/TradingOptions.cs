using GridTokenX.Protocol.Units;

namespace GridTokenX.CloudCore.Trading;

/// <summary>Section <c>Trading</c>.</summary>
public sealed record TradingOptions
{
    // Together with the highest price it keeps every value below 10^18 µGRX; see MarketTerms.
    private const decimal HighestOrderKwh = 100_000;

    /// <summary>How often the zones are matched; zero: every order as soon as its escrow is there.</summary>
    public TimeSpan MatchInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Orders of one user that are pending, active or partially filled.</summary>
    public int MaxOpenOrders { get; init; } = 100;

    /// <summary>Orders of one request to <c>batch</c>.</summary>
    public int MaxBatchOrders { get; init; } = 100;

    /// <summary>The most energy of one order, kWh.</summary>
    public decimal MaxOrderKwh { get; init; } = HighestOrderKwh;

    /// <summary>How far ahead an order may expire.</summary>
    public TimeSpan MaxLifetime { get; init; } = TimeSpan.FromDays(7);

    /// <summary>
    /// How long, by wall time, a new order waits for orders of the same wallet to be confirmed when only they make its
    /// balance look too small: until then nobody can tell whether the chain has counted them already.
    /// </summary>
    public TimeSpan EscrowWait { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a used Idempotency-Key is remembered, market time.</summary>
    public TimeSpan IdempotencyRetention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>After so many lines of a zone's journal it is checked, and a snapshot is taken.</summary>
    public int SnapshotLines { get; init; } = 100_000;

    /// <summary>How long, by wall time, the journal reaches back at least.</summary>
    public TimeSpan JournalRetention { get; init; } = TimeSpan.FromDays(30);

    internal WattHours MaxEnergy => WattHours.TryFromKwh(MaxOrderKwh, out var energy) ? energy : default;

    internal static IEnumerable<string> Faults(TradingOptions options)
    {
        if (options.MatchInterval < TimeSpan.Zero || options.MatchInterval > TimeSpan.FromHours(1))
        {
            yield return $"{nameof(MatchInterval)} is {options.MatchInterval}; it goes from 0 to an hour.";
        }

        if (options.MaxOpenOrders is < 1 or > 100_000)
        {
            yield return $"{nameof(MaxOpenOrders)} is {options.MaxOpenOrders}; it goes from 1 to 100000.";
        }

        if (options.MaxBatchOrders is < 1 or > 1_000)
        {
            yield return $"{nameof(MaxBatchOrders)} is {options.MaxBatchOrders}; it goes from 1 to 1000.";
        }

        if (options.MaxOrderKwh > HighestOrderKwh || options.MaxEnergy <= WattHours.Zero)
        {
            yield return $"{nameof(MaxOrderKwh)} is {options.MaxOrderKwh}; it goes from 0.001 to {HighestOrderKwh}.";
        }

        if (options.MaxLifetime < TimeSpan.FromMinutes(15) || options.MaxLifetime > TimeSpan.FromDays(7))
        {
            yield return $"{nameof(MaxLifetime)} is {options.MaxLifetime}; it goes from 15 minutes to 7 days.";
        }

        if (options.SnapshotLines is < 1 or > 10_000_000)
        {
            yield return $"{nameof(SnapshotLines)} is {options.SnapshotLines}; it goes from 1 to 10000000.";
        }

        if (options.JournalRetention < TimeSpan.Zero || options.JournalRetention > TimeSpan.FromDays(3_650))
        {
            yield return $"{nameof(JournalRetention)} is {options.JournalRetention}; it goes from 0 to 3650 days.";
        }

        if (options.EscrowWait < TimeSpan.Zero || options.EscrowWait > TimeSpan.FromSeconds(30))
        {
            yield return $"{nameof(EscrowWait)} is {options.EscrowWait}; it goes from 0 to 30 seconds.";
        }

        if (options.IdempotencyRetention < TimeSpan.FromHours(1)
            || options.IdempotencyRetention > TimeSpan.FromDays(365))
        {
            yield return $"{nameof(IdempotencyRetention)} is {options.IdempotencyRetention}; "
                + "it goes from an hour to 365 days.";
        }
    }
}
