using GridTokenX.Market.Matching;

namespace GridTokenX.CloudCore.Trading;

/// <summary>Times in force by their names in the API and in the database.</summary>
internal static class OrderForce
{
    internal const string GoodTillCancelled = "gtc";
    internal const string ImmediateOrCancel = "ioc";
    internal const string FillOrKill = "fok";

    internal static bool IsKnown(string name) => name is GoodTillCancelled or ImmediateOrCancel or FillOrKill;

    /// <exception cref="InvalidOperationException">There is none of this name.</exception>
    internal static TimeInForce Parse(string name) => name switch
    {
        GoodTillCancelled => TimeInForce.GoodTillCancelled,
        ImmediateOrCancel => TimeInForce.ImmediateOrCancel,
        FillOrKill => TimeInForce.FillOrKill,
        _ => throw new InvalidOperationException($"There is no time in force {name}."),
    };
}
