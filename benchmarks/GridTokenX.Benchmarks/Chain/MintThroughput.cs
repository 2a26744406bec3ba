using GridTokenX.Solana;

namespace GridTokenX.Benchmarks.Chain;

/// <summary>From a reading that the oracle knows to the confirmed mint, in transactions as full as they get.</summary>
internal sealed class MintThroughput(ChainRig rig, TimeProvider time)
{
    private const int Senders = 32;
    private const int MetersOfATransaction = 9;
    private const ulong Rounds = 8;

    public async Task<Measurement> MeasureAsync()
    {
        var batches = new List<IReadOnlyList<(string Meter, PublicKey Owner)>>();
        for (var i = 0; i < Senders; i++)
        {
            batches.Add(await MetersAsync());
        }

        var elapsed = TimeSpan.Zero;
        for (var round = 1UL; round <= Rounds; round++)
        {
            await rig.SetTimeAsync(rig.Now + 900);
            var production = round * 1_000;
            var started = time.GetTimestamp();
            await Task.WhenAll(batches.Select(batch => rig.RunAsync(
                rig.ReadAndMint([.. batch.Select(m => (m.Meter, m.Owner, production))]), rig.Oracle)));
            elapsed += time.GetElapsedTime(started);
        }

        const double Mints = Senders * MetersOfATransaction * (double)Rounds;
        return new Measurement(
            ChainBench.Name, "reading to confirmed mint", "mints/s", Math.Round(Mints / elapsed.TotalSeconds, 1));
    }

    private async Task<IReadOnlyList<(string Meter, PublicKey Owner)>> MetersAsync()
    {
        var meters = new List<(string, PublicKey)>();
        for (var i = 0; i < MetersOfATransaction; i++)
        {
            using var user = await rig.UserAsync();
            meters.Add((await rig.MeterAsync(user.PublicKey), user.PublicKey));
        }

        return meters;
    }
}
