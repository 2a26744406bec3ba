using GridTokenX.Solana;

namespace GridTokenX.Programs;

/// <summary>What a program handed back, from a transaction's log.</summary>
public static class ReturnData
{
    /// <summary>The last value of this program, or null. Only the runtime writes such lines.</summary>
    public static byte[]? Read(IReadOnlyList<string> logs, PublicKey program)
    {
        var prefix = $"Program return: {program} ";
        var line = logs.LastOrDefault(line => line.StartsWith(prefix, StringComparison.Ordinal));
        return line is null ? null : Convert.FromBase64String(line[prefix.Length..]);
    }
}
