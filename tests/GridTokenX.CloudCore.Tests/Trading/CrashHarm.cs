using GridTokenX.Testing;

namespace GridTokenX.CloudCore.Tests.Trading;

/// <summary>
/// What happens to two processes and their database, a thing a round: at random moments and to random ones of them, but
/// everything as often as the next. When it is over all of them are there again.
/// </summary>
internal sealed class CrashHarm(CloudProcesses processes, PostgresServer server, Random random, TimeSpan patience)
{
    private static readonly TimeSpan TakenOver = TimeSpan.FromSeconds(1.5);

    // Longer than a transaction that stands still is left open.
    private static readonly TimeSpan GivenUp = TimeSpan.FromSeconds(6.5);

    private bool _hasBeenGivenUp;

    internal async Task DoAsync(int round)
    {
        var victim = random.Next(CloudProcesses.Count);
        Func<Task>[] harms =
        [
            () => KillAsync(victim),
            KillBothAsync,
            () => KillWhileStartingAsync(victim),
            StopDatabaseAsync,
            () => SuspendAsync(victim),
            () => KillAsync(victim),
            KillEverythingAsync,
            () => KillWhileStartingAsync(victim),
            KillBothAsync,
            KillDatabaseAsync,
        ];
        await harms[round % harms.Length]();
        await Eventually.HoldsAsync(processes.AnswerAsync, patience);
    }

    private async Task KillAsync(int victim)
    {
        await processes.KillAsync(victim);
        processes.Start(victim);
    }

    /// <summary>Nobody is there for a moment; they start side by side.</summary>
    private async Task KillBothAsync()
    {
        await Task.WhenAll(Enumerable.Range(0, CloudProcesses.Count).Select(processes.KillAsync));
        StartAll();
    }

    /// <summary>While it migrates, reads its books, looks what is due.</summary>
    private async Task KillWhileStartingAsync(int victim)
    {
        await KillAsync(victim);
        await Task.Delay(random.Next(100, 1_500));
        await KillAsync(victim);
    }

    private async Task StopDatabaseAsync()
    {
        await server.StopImmediatelyAsync();
        await server.RestartAsync();
    }

    private async Task KillDatabaseAsync()
    {
        await server.Kill9Async();
        await server.RestartAsync();
    }

    /// <summary>As when the machine loses its power.</summary>
    private async Task KillEverythingAsync()
    {
        await Task.WhenAll(
            [server.StopImmediatelyAsync(), .. Enumerable.Range(0, CloudProcesses.Count).Select(processes.KillAsync)]);
        await server.RestartAsync();
        StartAll();
    }

    /// <summary>The other one takes its work over, and it knows nothing of it when it wakes.</summary>
    private async Task SuspendAsync(int victim)
    {
        await processes.SuspendAsync(victim);
        await Task.Delay(_hasBeenGivenUp ? TakenOver : GivenUp);
        _hasBeenGivenUp = true;
        await processes.ResumeAsync(victim);
    }

    private void StartAll()
    {
        for (var process = 0; process < CloudProcesses.Count; process++)
        {
            processes.Start(process);
        }
    }
}
