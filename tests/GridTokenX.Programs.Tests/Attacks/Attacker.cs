using System.Text;
using GridTokenX.Programs.Tests.Chain;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;
using GridTokenX.Testing;

namespace GridTokenX.Programs.Tests.Attacks;

/// <summary>A chain on which somebody has deployed a hostile program (tests/programs/attacker).</summary>
public sealed class AttackedFixture : IAsyncLifetime
{
    private World? _world;

    internal World World => _world ?? throw new InvalidOperationException("The local chain is not running.");

    internal static PublicKey Attacker { get; } = Client.Some.Key("the attacker's program");

    public async Task InitializeAsync() => _world = await World.InitializedAsync(new Dictionary<string, string>
    {
        [Attacker.ToString()] = ProgramFiles.PathOfTestProgram("attacker"),
    });

    public async Task DisposeAsync()
    {
        if (_world is not null)
        {
            await _world.DisposeAsync();
        }
    }
}

/// <summary>The instructions of the hostile program.</summary>
internal static class Attacker
{
    public const byte MintUnsigned = 0;
    public const byte MintForged = 1;
    public const byte MintByOwnAddress = 2;
    private const byte WritesData = 3;
    private const byte LogsData = 4;
    private const byte PassesOn = 5;
    private const byte LogsText = 6;

    public static PublicKey Id => AttackedFixture.Attacker;

    /// <summary>An account of the attacker's program with any contents.</summary>
    public static async Task<PublicKey> ForgeAsync(this World world, ReadOnlyMemory<byte> data)
    {
        using var account = Keypair.Generate();
        var rent = await world.RentAsync((ulong)data.Length);
        await world.Chain.RunAsync(
            SystemProgram.CreateAccount(
                world.Issuer.PublicKey, account.PublicKey, rent, (ulong)data.Length, Id),
            world.Issuer, account);
        await world.Chain.RunAsync(new Instruction(
            Id, [AccountMeta.Writable(account.PublicKey)], (byte[])[WritesData, .. data.Span]));
        return account.PublicKey;
    }

    /// <summary>The same bytes as a real account has, changed, in an account of the attacker's program.</summary>
    public static async Task<PublicKey> ForgeAsync(this World world, PublicKey original, Action<byte[]>? change = null)
    {
        var data = (await world.Chain.Rpc.GetAccountInfoAsync(original)).ShouldNotBeNull().Data.ToArray();
        change?.Invoke(data);
        return await world.ForgeAsync(data);
    }

    /// <summary>A call of the attacker's program into mint_from_production.</summary>
    public static Instruction Mint(this World world, byte way, PublicKey registry, PublicKey destination) => new(
        Id,
        [
            .. world.EnergyToken.MintFromProduction(registry, destination, 0).Accounts
                .Select(account => account with { IsSigner = false }),
            AccountMeta.Readonly(world.EnergyToken.Id),
        ],
        (byte[])[way, .. BitConverter.GetBytes(1_000_000_000UL)]);

    public static Instruction LogData(ReadOnlySpan<byte> data) => new(Id, [], (byte[])[LogsData, .. data]);

    public static Instruction LogText(string text) =>
        new(Id, [], (byte[])[LogsText, .. Encoding.UTF8.GetBytes(text)]);

    /// <summary>A cancel_order that reaches its program through the attacker's.</summary>
    public static Instruction PassOn(Instruction cancelOrder) => new(
        Id, [AccountMeta.Readonly(cancelOrder.Program), .. cancelOrder.Accounts],
        (byte[])[PassesOn, .. cancelOrder.Data.Span]);
}
