using GridTokenX.Protocol.Units;

namespace GridTokenX.CloudCore.Web;

/// <summary>Section <c>Web</c>.</summary>
public sealed record WebOptions
{
    /// <summary>Baht for a GRX, for amounts beside those in GRX; null shows none.</summary>
    public decimal? ThbPerGrx { get; init; }

    /// <summary>
    /// On a test net: the page offers a wallet whose key lies in the browser and signs whatever the page asks for.
    /// </summary>
    public bool DevelopmentWallet { get; init; }

    /// <summary>
    /// On a test net, with <c>Cloud:GrantsEnabled</c>: GRX that every registered user may ask for, once; null for none.
    /// </summary>
    public decimal? WelcomeGrx { get; init; }

    internal static IEnumerable<string> Faults(WebOptions options)
    {
        if (options.ThbPerGrx is <= 0 or > 1_000_000)
        {
            yield return $"{nameof(ThbPerGrx)} is {options.ThbPerGrx}; it is above 0 and at most 1000000.";
        }

        if (options.WelcomeGrx is { } grx && (grx is <= 0 or > 1_000_000 || !MicroGrx.TryFromGrx(grx, out _)))
        {
            yield return $"{nameof(WelcomeGrx)} is {grx}; it is above 0, at most 1000000, and has six decimals.";
        }
    }
}
