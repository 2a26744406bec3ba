using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace GridTokenX.CloudCore.Tests.Trading;

/// <summary>
/// The cloud core as a process that can be killed: all of it, on a chain that agrees to everything and a market clock
/// that runs fast.
/// </summary>
internal static class CloudProgram
{
    internal const string MarketBegan = "--Test:MarketBegan=";

    internal static async Task<int> Main(string[] args)
    {
        // Anybody who runs the test program by hand gets what a test program without an entry point gives: nothing.
        if (args.FirstOrDefault(static arg => arg.StartsWith(MarketBegan, StringComparison.Ordinal)) is not { } began)
        {
            return 0;
        }

        var start = new DateTimeOffset(
            long.Parse(began[MarketBegan.Length..], CultureInfo.InvariantCulture), TimeSpan.Zero);
        var app = CloudCoreHost.Build(
            [.. args.Where(arg => arg != began)],
            TimeProvider.System,
            services =>
            {
                AgreeableChain.Replace(services);
                _ = services
                    .RemoveAll<TimeProvider>()
                    .AddSingleton<TimeProvider>(new FastClock(start))
                    .AddLogging(static logging => logging.SetMinimumLevel(LogLevel.Warning));
            });
        await app.RunAsync();
        return 0;
    }
}

/// <summary>A quarter of an hour lasts three seconds; what waits, waits in real time.</summary>
internal sealed class FastClock(DateTimeOffset start) : TimeProvider
{
    internal const int Speed = 300;

    public override DateTimeOffset GetUtcNow() => start + ((System.GetUtcNow() - start) * Speed);
}
