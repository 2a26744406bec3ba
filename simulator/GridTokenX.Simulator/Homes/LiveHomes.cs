namespace GridTokenX.Simulator.Homes;

/// <summary>All homes of a run, to be ended together.</summary>
internal sealed class LiveHomes : IAsyncDisposable
{
    public LiveHomes(Neighbourhood neighbourhood, long seed, HomeNetwork network)
    {
        All = [.. neighbourhood.Homes.Select(plan => new Home(plan, seed, network))];
        if (All.FirstOrDefault(static home => home.Plan.Faults.Count == 0) is not { } victim)
        {
            return;
        }

        foreach (var home in All)
        {
            home.ChooseVictim(victim);
        }
    }

    public IReadOnlyList<Home> All { get; }

    public async ValueTask DisposeAsync()
    {
        foreach (var home in All)
        {
            await home.DisposeAsync();
        }
    }
}
