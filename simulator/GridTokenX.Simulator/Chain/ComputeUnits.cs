using System.Text.Json;
using GridTokenX.Programs;
using GridTokenX.Protocol.Api;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.Simulator.Chain;

/// <summary>What our programs' instructions cost, as the local chain counts it.</summary>
internal static class ComputeUnits
{
    /// <summary>Median compute units by instruction; empty on a chain that does not count.</summary>
    public static async Task<IReadOnlyDictionary<string, long>> ReadAsync(
        SolanaRpcClient rpc, ChainInfo chain, CancellationToken cancellationToken)
    {
        try
        {
            var stats = await rpc.CallAsync("gridtokenx_stats", cancellationToken: cancellationToken);
            return ByName(stats.GetProperty("instructions"), chain);
        }
        catch (SolanaRpcException exception) when (exception.Code == RpcErrorCode.MethodNotFound)
        {
            return new Dictionary<string, long>();
        }
    }

    /// <summary>
    /// By the instruction's name; by the program's as well where two of ours have an instruction of the same name.
    /// Instructions of other programs are left out.
    /// </summary>
    internal static SortedDictionary<string, long> ByName(JsonElement rows, ChainInfo chain)
    {
        var ours = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [chain.Registry.ToString()] = "registry",
            [chain.EnergyToken.ToString()] = "energy_token",
            [chain.Trading.ToString()] = "trading",
        };
        var medians = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var row in rows.EnumerateArray())
        {
            if (ours.TryGetValue(row.GetProperty("program").GetString()!, out var program)
                && InstructionNames.ByHex.TryGetValue(row.GetProperty("discriminator").GetString()!, out var name))
            {
                var key = name is "initialize" or "set_maintenance" ? $"{program}.{name}" : name;
                medians[key] = row.GetProperty("medianComputeUnits").GetInt64();
            }
        }

        return medians;
    }
}
