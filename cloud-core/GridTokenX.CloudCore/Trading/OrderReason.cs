using System.Text.RegularExpressions;
using GridTokenX.Programs;

namespace GridTokenX.CloudCore.Trading;

/// <summary>Why an order ended otherwise than its owner asked for: stable words of the API.</summary>
internal static partial class OrderReason
{
    internal const string CancelledOnChain = "cancelled_on_chain";
    internal const string ExpiredOnChain = "expired_on_chain";
    internal const string SettlementFailed = "settlement_failed";

    /// <summary>The transaction's blockhash is too old by now: it can never land.</summary>
    internal const string TransactionExpired = "transaction_expired";

    /// <summary>Refused outside of our programs, for example for want of SOL.</summary>
    internal const string Refused = "refused";

    /// <summary>Our programs' errors by their names, <c>insufficient_balance</c> and the like.</summary>
    internal static string OfRefusal(string error)
    {
        foreach (var known in Enum.GetNames<ProgramError>())
        {
            if (known != nameof(ProgramError.None) && error.Contains(known, StringComparison.Ordinal))
            {
                return WordStart().Replace(known, "_").ToLowerInvariant();
            }
        }

        return error.Contains("blockhash", StringComparison.OrdinalIgnoreCase) ? TransactionExpired : Refused;
    }

    [GeneratedRegex("(?<!^)(?=[A-Z])", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex WordStart();
}
