using System.Security.Cryptography;
using Dapper;
using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Tests.Trading;
using GridTokenX.CloudCore.Wallets;
using GridTokenX.Protocol.Keys;
using Microsoft.Extensions.Logging.Abstractions;

namespace GridTokenX.CloudCore.Tests.Wallets;

public sealed class MasterKeyTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gridtokenx-master-").FullName;
    private MarketWorld _world = null!;

    private string KeyFile => Path.Combine(_folder, "wallet-master.key");

    private string OldFile => Path.Combine(_folder, "wallet-master.old");

    public async Task InitializeAsync() => _world = await MarketWorld.StartAsync();

    public async Task DisposeAsync()
    {
        await _world.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Master_key_is_made_once_in_a_file_for_its_owner_only()
    {
        using var first = Keys();
        File.GetUnixFileMode(KeyFile).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using var second = Keys();
        second.Current.Id.ShouldBe(first.Current.Id);
        File.SetUnixFileMode(KeyFile, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Should.Throw<UnauthorizedAccessException>(Keys);
    }

    [Fact]
    public async Task Wallets_are_sealed_anew_after_the_key_was_put_aside()
    {
        List<Key32> wallets = [];
        using (var before = Keys())
        {
            for (var i = 0; i < 3; i++)
            {
                wallets.Add(await WalletAsync(new ManagedWallets(_world.Database, before)));
            }
        }

        File.Move(KeyFile, OldFile);
        using var during = Keys();
        var opened = new ManagedWallets(_world.Database, during);
        using (var keypair = (await opened.OpenAsync(wallets[0], CancellationToken.None)).ShouldNotBeNull())
        {
            keypair.PublicKey.ToKey32().ShouldBe(wallets[0]);
        }

        await ResealAsync(opened, during);
        File.Exists(OldFile).ShouldBeFalse();
        using var after = Keys();
        foreach (var wallet in wallets)
        {
            using var keypair = await new ManagedWallets(_world.Database, after)
                .OpenAsync(wallet, CancellationToken.None);
            keypair!.PublicKey.ToKey32().ShouldBe(wallet);
        }
    }

    [Fact]
    public async Task Wallet_that_no_key_opens_keeps_the_old_file()
    {
        using (var lost = Keys())
        {
            _ = await WalletAsync(new ManagedWallets(_world.Database, lost));
        }

        File.Delete(KeyFile);
        using (Keys())
        {
            File.Move(KeyFile, OldFile);
        }

        using var keys = Keys();
        var wallets = new ManagedWallets(_world.Database, keys);
        await ResealAsync(wallets, keys);
        File.Exists(OldFile).ShouldBeTrue();
    }

    private MasterKeys Keys() =>
        new(new CloudOptions { Database = "unused", KeyFolder = _folder, OperatorKey = "unused" });

    private async Task<Key32> WalletAsync(ManagedWallets wallets)
    {
        var user = Guid.NewGuid();
        var made = wallets.Create(user);
        await using var unit = await _world.Database.BeginAsync(CancellationToken.None);
        _ = await unit.Connection.ExecuteAsync(
            """
            insert into users (id, name, role, wallet, access_key, verified, created_at)
            values (@user, 'Boon', 'consumer', @Wallet, @access, true, @Now)
            """,
            new { user, made.Wallet, access = RandomNumberGenerator.GetBytes(32), _world.Now },
            unit.Transaction);
        await ManagedWallets.InsertAsync(unit.Transaction, made, _world.Now, CancellationToken.None);
        await unit.CommitAsync(CancellationToken.None);
        return made.Wallet;
    }

    private async Task ResealAsync(ManagedWallets wallets, MasterKeys keys)
    {
        using var resealing = new WalletResealing(
            wallets, keys, _world.Readiness, _world.Wall, NullLogger<WalletResealing>.Instance);
        await resealing.StartAsync(CancellationToken.None);
        await resealing.ExecuteTask!;
    }
}
