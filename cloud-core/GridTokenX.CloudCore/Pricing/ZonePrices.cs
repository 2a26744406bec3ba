using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Trading;
using GridTokenX.Protocol.Units;
using Npgsql;

namespace GridTokenX.CloudCore.Pricing;

/// <summary>The price and the gate of a zone as recorded.</summary>
internal sealed record ZonePriceRow
{
    public required long Sequence { get; init; }

    public required DateTimeOffset Since { get; init; }

    public required PricePerKwh? Price { get; init; }

    public required bool GateOpen { get; init; }

    public required int? SocPermille { get; init; }

    public required WattHours Demand { get; init; }

    public required WattHours Supply { get; init; }

    public required int? SocFactor { get; init; }

    public required int? LoadFactor { get; init; }

    public required int? TimeFactor { get; init; }
}

internal static class ZonePrices
{
    private const string Newest =
        """
        select sequence, since, price, gate_open, soc_permille, demand_wh as demand, supply_wh as supply, soc_factor,
               load_factor, time_factor
        from zone_prices where zone = @zone and since <= @at order by sequence desc limit 1
        """;

    internal static Task<ZonePriceRow?> FindAsync(
        NpgsqlTransaction transaction, string zone, DateTimeOffset at, CancellationToken cancellationToken) =>
        transaction.FirstOrDefaultAsync<ZonePriceRow>(Newest, new { zone, at }, cancellationToken);

    internal static Task<ZonePriceRow?> FindAsync(
        NpgsqlDataSource database, string zone, DateTimeOffset at, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<ZonePriceRow>(Newest, new { zone, at }, cancellationToken);

    /// <summary>
    /// What applied in the zone at the instant. Where price or gate follow the readings, nothing matches before they
    /// have been looked at.
    /// </summary>
    internal static async Task<BookTerms> TermsAsync(
        NpgsqlTransaction transaction, ZoneRules rules, DateTimeOffset at, CancellationToken cancellationToken)
    {
        if (!rules.AreConditional)
        {
            return new BookTerms(IsOpen: true, null);
        }

        var row = await FindAsync(transaction, rules.Zone, at, cancellationToken);
        var isOpen = row is not null
            && (!rules.HasGate || row.GateOpen)
            && (rules.Price is null || row.Price is not null);
        return new BookTerms(isOpen, rules.Price is null ? null : row?.Price);
    }

    internal static Task<int> AddAsync(
        NpgsqlTransaction transaction,
        string zone,
        DateTimeOffset now,
        ZoneCondition condition,
        CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            insert into zone_prices (zone, since, price, gate_open, soc_permille, demand_wh, supply_wh, soc_factor,
                                     load_factor, time_factor)
            values (@zone, @now, @price, @GateOpen, @SocPermille, @Demand, @Supply, @SocFactor, @LoadFactor,
                    @TimeFactor)
            """,
            new
            {
                zone,
                now,
                price = condition.Price?.Value,
                condition.GateOpen,
                condition.SocPermille,
                condition.Demand,
                condition.Supply,
                condition.SocFactor,
                condition.LoadFactor,
                condition.TimeFactor,
            },
            cancellationToken);
}
