using System.Buffers.Binary;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using GridTokenX.Solana;
using GridTokenX.Solana.Rpc;
using GridTokenX.Testing;

namespace GridTokenX.Linker.Tests;

/// <summary>A program of Rust (folder sample), compiled, linked, and loaded by a local chain.</summary>
[SuppressMessage("Design", "CA1001", Justification = "DisposeAsync ends everything.")]
[SuppressMessage("Security", "S4036", Justification = "Tests run the bash that the developer has.")]
public sealed class SampleProgram : IAsyncLifetime
{
    private readonly HttpClient _http = new();
    private Localnet? _localnet;

    public string Folder { get; } = Directory.CreateTempSubdirectory("gridtokenx-linker-").FullName;

    internal PublicKey Address { get; } = NewAddress();

    internal PublicKey Payer { get; } = NewAddress();

    internal SolanaRpcClient Rpc { get; private set; } = null!;

    public static async Task BuildAsync(string folder)
    {
        var start = new ProcessStartInfo(RepositoryFiles.PathOf("programs", "build"))
        {
            ArgumentList = { folder, RepositoryFiles.PathOf("tests", "GridTokenX.Linker.Tests", "sample") },
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var build = Process.Start(start)!;
        var errors = await build.StandardError.ReadToEndAsync();
        await build.WaitForExitAsync();
        build.ExitCode.ShouldBe(0, errors);
    }

    public async Task InitializeAsync()
    {
        await BuildAsync(Folder);
        _localnet = await Localnet.StartAsync(new LocalnetOptions
        {
            Programs = new Dictionary<string, string> { [Address.ToString()] = Path.Combine(Folder, "sample.so") },
        });
        Rpc = new SolanaRpcClient(_http, new SolanaRpcOptions { Endpoint = _localnet.RpcUrl }, TimeProvider.System);
        _ = await Rpc.RequestAirdropAsync(Payer, 1_000_000_000);
    }

    public async Task DisposeAsync()
    {
        if (_localnet is not null)
        {
            await _localnet.DisposeAsync();
        }

        _http.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static PublicKey NewAddress()
    {
        using var key = Keypair.Generate();
        return key.PublicKey;
    }
}

public sealed class LoadTests(SampleProgram sample) : IClassFixture<SampleProgram>
{
    [Theory]
    [InlineData(0, "zero", 9UL)]
    [InlineData(1, "one", 14UL)]
    [InlineData(2, "two", 49UL)]
    public async Task Program_calls_functions_by_address_and_logs_texts_from_a_table(
        byte operation, string name, ulong expected)
    {
        var result = await RunAsync(operation, 7, 2);
        result.Error.ShouldBeNull(string.Join('\n', result.Logs));
        result.Logs.ShouldContain($"Program log: {name}");
        var returned = result.Logs.Single(static line => line.StartsWith("Program return:", StringComparison.Ordinal));
        BinaryPrimitives.ReadUInt64LittleEndian(Convert.FromBase64String(returned.Split(' ')[^1])).ShouldBe(expected);
    }

    [Fact]
    public async Task Program_that_panics_aborts()
    {
        var result = await RunAsync(3, 7, 2);
        result.Error.ShouldNotBeNull();
        result.Logs[^1].ShouldContain("failed");
    }

    [Fact]
    public async Task Built_again_elsewhere_the_program_has_the_same_bytes_and_no_paths()
    {
        var again = Path.Combine(sample.Folder, "again");
        await SampleProgram.BuildAsync(again);
        var bytes = await File.ReadAllBytesAsync(Path.Combine(again, "sample.so"));
        bytes.ShouldBe(await File.ReadAllBytesAsync(Path.Combine(sample.Folder, "sample.so")));
        bytes.AsSpan().IndexOf("/usr/"u8).ShouldBe(-1);
        bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(RepositoryFiles.Root)).ShouldBe(-1);
    }

    private async Task<SimulationResult> RunAsync(params byte[] data)
    {
        var blockhash = await sample.Rpc.GetLatestBlockhashAsync();
        var instruction = new Instruction(sample.Address, [], data);
        var message = Message.CompileLegacy(sample.Payer, blockhash.Blockhash, instruction);
        return await sample.Rpc.SimulateTransactionAsync(new Transaction(message));
    }
}
