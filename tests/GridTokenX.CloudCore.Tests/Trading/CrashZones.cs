namespace GridTokenX.CloudCore.Tests.Trading;

/// <summary>The zones of the crash test: one for each way in which orders come together.</summary>
internal static class CrashZones
{
    private const string Exact = "exact";
    private const string North = "north";
    private const string South = "south";

    internal static IReadOnlyList<string> All { get; } = ["plain", "auction", "pro-rata", Exact, North, South];

    internal static IReadOnlyList<string> Settings { get; } =
    [
        "--Market:Zones:auction:Mode=call_auction",
        "--Market:Zones:pro-rata:Mode=call_auction",
        "--Market:Zones:pro-rata:Rationing=pro_rata",
        $"--Market:Zones:{Exact}:ExactQuantity=true",
        .. Link(0, North, South),
        .. Link(1, South, North),
    ];

    /// <summary>Matches of these zones may be of two of them.</summary>
    internal static bool AreLinked(string zone) => zone is North or South;

    /// <summary>kWh. Where only equal quantities meet there are few of them.</summary>
    internal static decimal AmountIn(string zone, Random random) =>
        zone == Exact ? random.Next(1, 3) / 10m : random.Next(1, 500) / 1_000m;

    private static string[] Link(int number, string from, string to) =>
    [
        $"--Market:Links:{number}:From={from}",
        $"--Market:Links:{number}:To={to}",
        $"--Market:Links:{number}:WheelingPrice=0.05",
        $"--Market:Links:{number}:LossPpm=20000",
        $"--Market:Links:{number}:CapacityKwh=50",
    ];
}
