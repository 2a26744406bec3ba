using System.Globalization;
using GridTokenX.CloudCore.Metrics;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;

namespace GridTokenX.CloudCore.Api;

/// <summary>Section <c>RateLimits</c>: requests, of whatever kind, that are let in.</summary>
public sealed record RateLimitOptions
{
    /// <summary>Of one address (IPv6: of one /64), before anything else is looked at.</summary>
    public int AddressPerSecond { get; init; } = 1_000;

    public int AddressBurst { get; init; } = 10_000;

    /// <summary>Of one key, after its signature was verified.</summary>
    public int SignerPerSecond { get; init; } = 100;

    public int SignerBurst { get; init; } = 1_000;

    internal static IEnumerable<string> Faults(RateLimitOptions options)
    {
        (string Name, int Value)[] limits =
        [
            (nameof(AddressPerSecond), options.AddressPerSecond),
            (nameof(AddressBurst), options.AddressBurst),
            (nameof(SignerPerSecond), options.SignerPerSecond),
            (nameof(SignerBurst), options.SignerBurst),
        ];
        return limits.Where(static limit => limit.Value is < 1 or > 1_000_000)
            .Select(static limit => $"{limit.Name} is {limit.Value}; it goes from 1 to 1000000.");
    }
}

internal sealed class RateLimits(RateLimitOptions options, WallTime wall, CloudMetrics metrics)
{
    internal const string Header = "RateLimit";
    internal const string PolicyHeader = "RateLimit-Policy";

    private readonly RequestLimiter _addresses =
        new("address", options.AddressPerSecond, options.AddressBurst, wall.Clock);

    private readonly RequestLimiter _signers =
        new("signer", options.SignerPerSecond, options.SignerBurst, wall.Clock);

    /// <summary>Null: the address may go on.</summary>
    internal IResult? TakeAddress(HttpContext context) =>
        Take(context, _addresses, _addresses.Take(context.Connection.RemoteIpAddress));

    /// <summary>Null: the signer may go on.</summary>
    internal IResult? TakeSigner(HttpContext context, Key32 signer) => Take(context, _signers, _signers.Take(signer));

    /// <summary>
    /// The headers of draft-ietf-httpapi-ratelimit-headers, once half of the burst is used: before, nobody needs them.
    /// </summary>
    private IResult? Take(HttpContext context, RequestLimiter limiter, Allowance allowance)
    {
        if (allowance.Granted && allowance.Remaining >= limiter.Burst / 2)
        {
            return null;
        }

        var seconds = (long)Math.Ceiling(allowance.RetryAfter.TotalSeconds);
        context.Response.Headers[PolicyHeader] =
            string.Create(CultureInfo.InvariantCulture, $"\"{limiter.Name}\";q={limiter.Burst}");
        context.Response.Headers[Header] =
            string.Create(CultureInfo.InvariantCulture, $"\"{limiter.Name}\";r={allowance.Remaining};t={seconds}");
        if (allowance.Granted)
        {
            return null;
        }

        metrics.Limited(limiter.Name);
        return Problems.Of(ProblemCodes.TooManyRequests, null, TimeSpan.FromSeconds(Math.Max(1, seconds)));
    }
}
