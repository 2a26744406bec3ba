using GridTokenX.Benchmarks;
using GridTokenX.Benchmarks.Api;
using GridTokenX.Benchmarks.Boards;
using GridTokenX.Benchmarks.Chain;
using GridTokenX.Benchmarks.Gateway;
using GridTokenX.Benchmarks.Market;
using GridTokenX.Benchmarks.Matching;
using GridTokenX.Benchmarks.Simulator;

#pragma warning disable RS0030 // Here, and only here, the real clock is handed out.
var time = TimeProvider.System;
#pragma warning restore RS0030
var benches = new Dictionary<string, Func<IAsyncEnumerable<Measurement>>>(StringComparer.Ordinal)
{
    ["api"] = () => ApiBench.RunAsync(time),
    ["api-live"] = () => WatchersBench.RunAsync(time),
    ["boards"] = static () => BoardsBench.Run().ToAsyncEnumerable(),
    ["chain"] = () => ChainBench.RunAsync(time),
    ["gateway"] = () => GatewayBench.RunAsync(time),
    ["gateway-steps"] = () => StepCosts.RunAsync(time),
    ["gateway-stepwise"] = () => StepwiseBench.RunAsync(time),
    ["market"] = () => OrdersBench.RunAsync(time),
    ["market-latency"] = () => OrderWayBench.RunAsync(time),
    ["market-readings"] = () => ReadingsBench.RunAsync(time),
    ["matching"] = static () => MatchingBench.Run().ToAsyncEnumerable(),
    ["simulator"] = static () => SimulatorBench.Run().ToAsyncEnumerable(),
};

if (args is ["matching", "--ops", var file])
{
    try
    {
        Console.WriteLine(MatchingBench.RunFile(file));
        return 0;
    }
    catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException)
    {
        await Console.Error.WriteLineAsync(exception.Message);
        return 1;
    }
}

if (args.Length > 1 || args.Any(name => !benches.ContainsKey(name)))
{
    var names = string.Join(", ", benches.Keys);
    await Console.Error.WriteLineAsync(
        $"usage: GridTokenX.Benchmarks [NAME] | matching --ops FILE; there are: {names}");
    return 2;
}

foreach (var name in args.Length == 1 ? args : [.. benches.Keys])
{
    await foreach (var measurement in benches[name]())
    {
        Console.WriteLine(measurement.ToJson());
    }
}

return 0;
