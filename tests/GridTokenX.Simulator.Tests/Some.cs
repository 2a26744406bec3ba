namespace GridTokenX.Simulator.Tests;

/// <summary>Valid values, of which a test changes what it is about.</summary>
internal static class Some
{
    public static NeighbourhoodOptions Options { get; } = new() { Homes = 4, Days = 1, Seed = 1, PvScale = 1 };
}
