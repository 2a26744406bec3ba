namespace GridTokenX.Programs.Tests.Chain;

/// <summary>One chain with initialised programs for all tests that leave the programs' settings alone; each test uses
/// users, meters and orders of its own.</summary>
public sealed class WorldFixture : IAsyncLifetime
{
    private World? _world;

    internal World World => _world ?? throw new InvalidOperationException("The local chain is not running.");

    public async Task InitializeAsync() => _world = await Chain.World.InitializedAsync();

    public async Task DisposeAsync()
    {
        if (_world is not null)
        {
            await _world.DisposeAsync();
        }
    }
}

[CollectionDefinition(Name)]
public sealed class ProgramTests : ICollectionFixture<WorldFixture>
{
    public const string Name = "programs on a local chain";
}
