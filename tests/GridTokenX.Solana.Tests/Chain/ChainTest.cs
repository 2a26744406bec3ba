using GridTokenX.Solana.Programs;
using GridTokenX.Solana.PubSub;
using GridTokenX.Solana.Rpc;
using GridTokenX.Solana.Sending;
using GridTokenX.Testing;

namespace GridTokenX.Solana.Tests.Chain;

/// <summary>One local chain for all tests of this folder; each test uses keys of its own.</summary>
public sealed class LocalnetFixture : IAsyncLifetime
{
    private Localnet? _localnet;

    public Localnet Localnet => _localnet ?? throw new InvalidOperationException("The local chain is not running.");

    public async Task InitializeAsync() => _localnet = await Testing.Localnet.StartAsync();

    public async Task DisposeAsync()
    {
        if (_localnet is not null)
        {
            await _localnet.DisposeAsync();
        }
    }
}

[CollectionDefinition(Name)]
public sealed class LocalnetTests : ICollectionFixture<LocalnetFixture>
{
    public const string Name = "local chain";
}

/// <summary>Clients of a chain and a payer with money.</summary>
internal sealed class ChainClient : IAsyncDisposable
{
    public const ulong Sol = 1_000_000_000;

    private readonly HttpClient _http = new();

    public ChainClient(Localnet localnet, Func<TransactionSenderOptions, TransactionSenderOptions>? change = null)
    {
        Rpc = new SolanaRpcClient(
            _http,
            new SolanaRpcOptions { Endpoint = localnet.RpcUrl, RequestTimeout = TimeSpan.FromMinutes(2) },
            TimeProvider.System);
        var options = new TransactionSenderOptions();
        Sender = new TransactionSender(Rpc, change?.Invoke(options) ?? options, TimeProvider.System);
        PubSub = new SolanaPubSubClient(
            new PubSubOptions { Endpoint = localnet.PubSubUrl, MaxDelay = TimeSpan.FromMilliseconds(500) },
            TimeProvider.System);
    }

    public SolanaRpcClient Rpc { get; }

    public TransactionSender Sender { get; }

    public SolanaPubSubClient PubSub { get; }

    public async ValueTask DisposeAsync()
    {
        await PubSub.DisposeAsync();
        _http.Dispose();
    }

    public async Task<Keypair> FundedAsync(ulong lamports = 10 * Sol)
    {
        var keypair = Keypair.Generate();
        var airdrop = await Rpc.RequestAirdropAsync(keypair.PublicKey, lamports);
        var blockhash = await Rpc.GetLatestBlockhashAsync();
        while ((await Rpc.GetSignatureStatusesAsync([airdrop]))[0] is not { Commitment: >= Commitment.Confirmed })
        {
            (await Rpc.GetBlockHeightAsync()).ShouldBeLessThan(blockhash.LastValidBlockHeight);
        }

        return keypair;
    }

    public async Task<SubmissionOutcome> RunAsync(IReadOnlyList<Instruction> instructions, params Keypair[] signers) =>
        (await Sender.SendAndConfirmAsync(instructions, signers)).RequireConfirmed();

    /// <summary>A new mint whose authority is the payer.</summary>
    public async Task<PublicKey> CreateMintAsync(Keypair payer, byte decimals)
    {
        using var mint = Keypair.Generate();
        var rent = await Rpc.GetMinimumBalanceForRentExemptionAsync(Mint.Length);
        await RunAsync(
            [
                SystemProgram.CreateAccount(payer.PublicKey, mint.PublicKey, rent, Mint.Length, TokenProgram.Id),
                TokenProgram.InitializeMint2(mint.PublicKey, decimals, payer.PublicKey),
            ],
            payer, mint);
        return mint.PublicKey;
    }
}
