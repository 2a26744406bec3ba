using GridTokenX.Testing;

namespace GridTokenX.CloudCore.Tests.Chain;

/// <summary>One local chain for the tests of a class that do not end it.</summary>
public sealed class LocalnetFixture : IAsyncLifetime
{
    internal Localnet Localnet { get; private set; } = null!;

    public async Task InitializeAsync() => Localnet = await Localnet.StartAsync();

    public async Task DisposeAsync() => await Localnet.DisposeAsync();
}
