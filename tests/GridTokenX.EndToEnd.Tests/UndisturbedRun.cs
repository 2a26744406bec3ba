using System.Text.Json;

namespace GridTokenX.EndToEnd.Tests;

/// <summary>A neighbourhood's day with nothing killed: what the same day, however it went, is compared with.</summary>
[CollectionDefinition(nameof(UndisturbedRun))]
public sealed class UndisturbedRun : IAsyncLifetime, ICollectionFixture<UndisturbedRun>
{
    internal static readonly string[] Options = ["--homes", "4", "--days", "1", "--seed", "3"];

    internal JsonElement Report { get; private set; }

    public async Task InitializeAsync() => Report = await DemoRun.ReportOfAsync(Options);

    public Task DisposeAsync() => Task.CompletedTask;
}
