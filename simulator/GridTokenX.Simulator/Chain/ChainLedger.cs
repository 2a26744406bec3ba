using System.Text.Json;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.Simulator.Chain;

/// <summary>What the chain itself says, in base units: read past the cloud core.</summary>
/// <param name="GridSupply">GRID in existence.</param>
/// <param name="GridHeld">GRID in the wallets of the neighbourhood and in escrow.</param>
/// <param name="GrxSupply">GRX in existence.</param>
/// <param name="GrxHeld">GRX in the wallets, in escrow and in the fee account.</param>
internal sealed record ChainLedger(ulong GridSupply, Int128 GridHeld, ulong GrxSupply, Int128 GrxHeld)
{
    public static async Task<ChainLedger> ReadAsync(
        SolanaRpcClient rpc, ChainInfo chain, IReadOnlyList<Key32> wallets, CancellationToken cancellationToken)
    {
        var grid = await rpc.GetTokenSupplyAsync(chain.GridMint.OnChain(), cancellationToken: cancellationToken);
        var grx = await rpc.GetTokenSupplyAsync(chain.GrxMint.OnChain(), cancellationToken: cancellationToken);
        var gridAccounts = TokenAccountsOf(wallets, chain.GridMint);
        gridAccounts.Add(chain.GridEscrow.OnChain());
        var grxAccounts = TokenAccountsOf(wallets, chain.GrxMint);
        grxAccounts.Add(chain.GrxEscrow.OnChain());
        grxAccounts.Add(chain.FeeAccount.OnChain());
        return new ChainLedger(
            grid.Amount,
            await SumAsync(rpc, gridAccounts, cancellationToken),
            grx.Amount,
            await SumAsync(rpc, grxAccounts, cancellationToken));
    }

    /// <summary>
    /// Median compute units by instruction, as the local chain counts them; empty on a chain that does not.
    /// </summary>
    public static async Task<IReadOnlyDictionary<string, long>> ComputeUnitsAsync(
        SolanaRpcClient rpc, CancellationToken cancellationToken)
    {
        try
        {
            var stats = await rpc.CallAsync("gridtokenx_stats", cancellationToken: cancellationToken);
            return stats.GetProperty("instructions").EnumerateArray().ToDictionary(Named, Median);
        }
        catch (SolanaRpcException exception) when (exception.Code == RpcErrorCode.MethodNotFound)
        {
            return new Dictionary<string, long>();
        }
    }

    /// <summary>The program and the first bytes of its instruction, e.g. <c>Token…:03</c>.</summary>
    private static string Named(JsonElement row) =>
        $"{row.GetProperty("program").GetString()}:{row.GetProperty("discriminator").GetString()}";

    private static long Median(JsonElement row) => row.GetProperty("medianComputeUnits").GetInt64();

    private static List<PublicKey> TokenAccountsOf(IReadOnlyList<Key32> wallets, Key32 mint) =>
        [.. wallets.Select(wallet => AssociatedTokenProgram.AssociatedTokenAddress(wallet.OnChain(), mint.OnChain()))];

    private static async Task<Int128> SumAsync(
        SolanaRpcClient rpc, IReadOnlyList<PublicKey> accounts, CancellationToken cancellationToken)
    {
        var infos = await rpc.GetMultipleAccountsAsync(accounts, cancellationToken: cancellationToken);
        var sum = Int128.Zero;
        foreach (var info in infos)
        {
            sum += info is null ? 0 : TokenAccount.Parse(info.Data.Span).Amount;
        }

        return sum;
    }
}
