using System.Text.RegularExpressions;
using GridTokenX.CloudCore.Chain;
using GridTokenX.Market.Matching;
using GridTokenX.Programs;

namespace GridTokenX.CloudCore.Trading;

/// <summary>Why an order ended otherwise than its owner asked for: stable words of the API.</summary>
internal static partial class OrderReason
{
    internal const string CancelledOnChain = "cancelled_on_chain";
    internal const string ExpiredOnChain = "expired_on_chain";
    internal const string SettlementFailed = "settlement_failed";

    /// <summary>What an <c>ioc</c> order did not get.</summary>
    internal const string ImmediateOrCancel = "immediate_or_cancel";

    /// <summary>A <c>fok</c> order that could not have all.</summary>
    internal const string FillOrKill = "fill_or_kill";

    /// <summary>Refused outside of our programs, for example for want of SOL.</summary>
    internal const string Refused = "refused";

    /// <summary>
    /// Our programs' errors by their names, <c>insufficient_balance</c> and the like; <c>transaction_expired</c> when
    /// the owner's transaction is too old to land, <c>token_account_given_away</c> when a settlement's receiver has
    /// handed his account to somebody else.
    /// </summary>
    internal static string OfRefusal(string error) =>
        error is Refusals.TransactionExpired or Refusals.TokenAccountGivenAway
        || Enum.TryParse<ProgramError>(error, out _)
            ? WordStart().Replace(error, "_").ToLowerInvariant()
            : Refused;

    /// <summary>Of a book that did not take the order: <c>book_full</c>.</summary>
    internal static string OfRejection(RejectReason reason) =>
        WordStart().Replace(reason.ToString(), "_").ToLowerInvariant();

    /// <summary>Of an order whose one matching is over.</summary>
    internal static string OfCut(CancelReason reason) =>
        reason == CancelReason.Killed ? FillOrKill : ImmediateOrCancel;

    [GeneratedRegex("(?<!^)(?=[A-Z])", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex WordStart();
}
