using GridTokenX.Solana;
using GridTokenX.Testing;

namespace GridTokenX.CloudCore.Tests.Chain;

/// <summary>
/// A local chain with our programs, and the platform's keys for it: the programs are there once, so everything on one
/// chain belongs to one platform.
/// </summary>
internal sealed class PlatformChain : IAsyncDisposable
{
    private PlatformChain(Localnet localnet, string keyFolder)
    {
        Localnet = localnet;
        KeyFolder = keyFolder;
    }

    public Localnet Localnet { get; }

    /// <summary>With admin.json, the programs' upgrade authority.</summary>
    public string KeyFolder { get; }

    public static async Task<PlatformChain> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("gtx-keys-").FullName;
        using var admin = Keypair.Generate();
        admin.Save(Path.Combine(folder, "admin.json"));
        var localnet = await Localnet.StartAsync(LocalnetOptions.WithPrograms(admin.PublicKey.ToString()));
        return new PlatformChain(localnet, folder);
    }

    public async ValueTask DisposeAsync()
    {
        await Localnet.DisposeAsync();
        Directory.Delete(KeyFolder, recursive: true);
    }
}

/// <summary>One local chain for the tests of a class that do not end it.</summary>
public sealed class LocalnetFixture : IAsyncLifetime
{
    internal PlatformChain Chain { get; private set; } = null!;

    public async Task InitializeAsync() => Chain = await PlatformChain.StartAsync();

    public async Task DisposeAsync() => await Chain.DisposeAsync();
}
