namespace GridTokenX.Benchmarks.Chain;

/// <summary>What the programs cost and how much of it a second the local chain takes.</summary>
internal static class ChainBench
{
    public const string Name = "chain";

    public static async IAsyncEnumerable<Measurement> RunAsync(TimeProvider time)
    {
        await using (var rig = await ChainRig.StartAsync(time))
        {
            foreach (var measurement in await new ComputeUnits(rig).MeasureAsync())
            {
                yield return measurement;
            }

            foreach (var measurement in await new Batches(rig).MeasureAsync())
            {
                yield return measurement;
            }
        }

        await using (var rig = await ChainRig.StartAsync(time))
        {
            yield return await new SettlementThroughput(rig, time).MeasureAsync();
            yield return await new MintThroughput(rig, time).MeasureAsync();
        }
    }
}
