using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;
using GridTokenX.Solana.Rpc;
using GridTokenX.Testing;

namespace GridTokenX.Programs.Tests.Chain;

/// <summary>What a transaction did.</summary>
internal sealed partial record Executed(Signature Signature, TransactionError? Error, IReadOnlyList<string> Logs)
{
    public ProgramError ProgramError => ProgramErrors.Of(Error);

    /// <summary>Compute units of the program's last call in the transaction.</summary>
    public int UnitsOf(PublicKey program) => Logs
        .Select(line => UnitsLine().Match(line))
        .Where(match => match.Success && match.Groups["program"].Value == program.ToString())
        .Select(match => int.Parse(match.Groups["units"].Value, CultureInfo.InvariantCulture))
        .Last();

    [GeneratedRegex("^Program (?<program>[^ ]+) consumed (?<units>[0-9]+) of", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex UnitsLine();
}

/// <summary>A local chain with the programs loaded, and a payer of all fees who has no part in what is tested, so that
/// other balances change by what the programs do alone. The clock stands still unless it is moved.</summary>
internal sealed class ProgramChain : IAsyncDisposable
{
    public const ulong Sol = 1_000_000_000;
    private const long FirstTime = 1_800_000_000;
    private const uint UnitLimit = 1_000_000;

    // A blockhash is good for a minute.
    private static readonly TimeSpan BlockhashUse = TimeSpan.FromSeconds(10);

    private readonly Localnet _localnet;
    private readonly HttpClient _http = new();
    private readonly Keypair _feePayer = Keypair.Generate();
    private uint _transactions;
    private Blockhash? _blockhash;
    private long _blockhashTaken;

    private ProgramChain(Localnet localnet)
    {
        _localnet = localnet;
        Rpc = new SolanaRpcClient(
            _http,
            new SolanaRpcOptions { Endpoint = localnet.RpcUrl, RequestTimeout = TimeSpan.FromMinutes(2) },
            TimeProvider.System);
    }

    public SolanaRpcClient Rpc { get; }

    public long Now { get; private set; }

    public static async Task<ProgramChain> StartAsync(LocalnetOptions options)
    {
        var chain = new ProgramChain(await Localnet.StartAsync(options));
        await chain.SetTimeAsync(FirstTime);
        await chain.AirdropAsync(chain._feePayer.PublicKey, 1_000_000 * Sol);
        return chain;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _feePayer.Dispose();
        await _localnet.DisposeAsync();
    }

    public Task AdvanceAsync(long seconds) => SetTimeAsync(Now + seconds);

    /// <summary>The local chain's airdrop is a transaction that has landed when the answer comes.</summary>
    public Task AirdropAsync(PublicKey account, ulong lamports) => Rpc.RequestAirdropAsync(account, lamports);

    public async Task<Keypair> FundedAsync(ulong lamports = 100 * Sol)
    {
        var keypair = Keypair.Generate();
        await AirdropAsync(keypair.PublicKey, lamports);
        return keypair;
    }

    /// <summary>Must succeed.</summary>
    public async Task<Executed> RunAsync(IReadOnlyList<Instruction> instructions, params IReadOnlyList<Keypair> signers)
    {
        var executed = await TryAsync(instructions, signers);
        executed.Error.ShouldBeNull(string.Join('\n', executed.Logs));
        var landed = await Rpc.GetTransactionAsync(executed.Signature);
        return executed with { Logs = landed.ShouldNotBeNull().Logs };
    }

    public Task<Executed> RunAsync(Instruction instruction, params IReadOnlyList<Keypair> signers) =>
        RunAsync([instruction], signers);

    /// <summary>Must be refused with that error, and so change nothing.</summary>
    public async Task<Executed> RefusesAsync(
        ProgramError error, Instruction instruction, params IReadOnlyList<Keypair> signers)
    {
        var executed = await TryAsync([instruction], signers);
        executed.ProgramError.ShouldBe(error, $"{executed.Error}\n{string.Join('\n', executed.Logs)}");
        return executed;
    }

    /// <summary>Must be refused by whomever: the programs, those that they call, or the runtime.</summary>
    public async Task<Executed> RefusesAsync(Instruction instruction, params IReadOnlyList<Keypair> signers)
    {
        var executed = await TryAsync([instruction], signers);
        executed.Error.ShouldNotBeNull(string.Join('\n', executed.Logs));
        return executed;
    }

    /// <summary>Must be refused by the token program, to which ours leave it to compare the mints of what they move.
    /// </summary>
    public async Task RefusesMintMismatchAsync(Instruction instruction, params IReadOnlyList<Keypair> signers)
    {
        const uint MintMismatch = 3;
        var executed = await TryAsync([instruction], signers);
        var told = $"{executed.Error}\n{string.Join('\n', executed.Logs)}";
        (executed.Error?.Instruction?.CustomCode).ShouldBe(MintMismatch, told);
        executed.Logs.ShouldContain(
            line => line.StartsWith($"Program {TokenProgram.Id} failed", StringComparison.Ordinal), told);
    }

    public async Task<Executed> TryAsync(IReadOnlyList<Instruction> instructions, IReadOnlyList<Keypair> signers)
    {
        // The limit differs each time, so that the same instructions twice are two transactions.
        var limit = ComputeBudgetProgram.SetComputeUnitLimit(UnitLimit + _transactions++);
        var message = Message.CompileV0(_feePayer.PublicKey, await BlockhashAsync(), [limit, .. instructions]);
        var transaction = new Transaction(message);
        transaction.PartialSign(_feePayer);
        foreach (var signer in signers)
        {
            if (message.Accounts.Take(message.RequiredSignatures).Contains(signer.PublicKey))
            {
                transaction.PartialSign(signer);
            }
        }

        return await SendAsync(transaction);
    }

    /// <summary>For a transaction that fits without a fee payer of its own.</summary>
    public async Task<Executed> SendAsync(Transaction transaction)
    {
        transaction.IsFullySigned.ShouldBeTrue("a signature is missing");
        try
        {
            return new Executed(await Rpc.SendTransactionAsync(transaction), null, []);
        }
        catch (SolanaRpcException e) when (e.TransactionError is { } error)
        {
            return new Executed(transaction.Id, error, e.Logs);
        }
    }

    public async Task<T> AccountAsync<T>(PublicKey address, Func<ReadOnlySpan<byte>, T> parse) =>
        parse((await Rpc.GetAccountInfoAsync(address)).ShouldNotBeNull($"no account {address}").Data.Span);

    public async Task<ulong> LamportsAsync(PublicKey address) => await Rpc.GetBalanceAsync(address);

    public async Task<bool> ExistsAsync(PublicKey address) => await Rpc.GetAccountInfoAsync(address) is not null;

    public async Task<ulong> TokensAsync(PublicKey tokenAccount) =>
        (await Rpc.GetTokenAccountBalanceAsync(tokenAccount)).Amount;

    private async Task<Blockhash> BlockhashAsync()
    {
        if (_blockhash is null || Stopwatch.GetElapsedTime(_blockhashTaken) > BlockhashUse)
        {
            _blockhashTaken = Stopwatch.GetTimestamp();
            _blockhash = (await Rpc.GetLatestBlockhashAsync()).Blockhash;
        }

        return _blockhash.Value;
    }

    private async Task SetTimeAsync(long unixSeconds)
    {
        await Rpc.CallAsync("gridtokenx_setTime", to => to.WriteNumberValue(unixSeconds));
        Now = unixSeconds;
    }
}
