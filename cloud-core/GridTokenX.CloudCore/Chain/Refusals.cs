using GridTokenX.Programs;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.CloudCore.Chain;

/// <summary>What the chain's refusals mean. Ours are named as in <see cref="ProgramError"/>.</summary>
public static class Refusals
{
    /// <summary>The owner's transaction can no longer land; nobody else can sign it anew.</summary>
    public const string TransactionExpired = "TransactionExpired";

    /// <summary>
    /// A receiver has given his token account to somebody else, or has closed it again soon after we paid for it.
    /// </summary>
    public const string TokenAccountGivenAway = "TokenAccountGivenAway";

    /// <summary>Never settles, however often it is tried: an order is gone, or not what the match saw.</summary>
    private static readonly HashSet<string> OfSettlements = new(StringComparer.Ordinal)
    {
        nameof(ProgramError.OrderNotActive),
        nameof(ProgramError.OrderExpired),
        nameof(ProgramError.InvalidOrder),
        nameof(ProgramError.AmountMismatch),
        nameof(ProgramError.PriceOutOfBounds),
        nameof(ProgramError.SelfTradingNotAllowed),
        TokenAccountGivenAway,
    };

    /// <summary>The name of our programs' error, or else what the chain says.</summary>
    public static string NameOf(TransactionError error) => ProgramErrors.Of(error) is var ours and not ProgramError.None
        ? ours.ToString()
        : error.ToString();

    /// <summary>Whether the same settlement will be refused for ever.</summary>
    public static bool IsFinalForSettlement(string error) => OfSettlements.Contains(error);

    /// <summary>Whether the receiver's token account may be what is missing.</summary>
    internal static bool MayLackAccount(ChainIntent intent, TransactionError error) => intent switch
    {
        // The token program has a name of its own for it.
        GrantMoney => error.Instruction is not null,
        MintEnergy or ReleaseOrder or SettleTrade => ProgramErrors.Of(error)
            is ProgramError.InvalidTokenAccount or ProgramError.InvalidAccountOwner or ProgramError.InvalidAccountData,
        _ => false,
    };

    /// <summary>Says nothing about the intent: the administrator has stopped the program for a while.</summary>
    internal static bool IsNotNow(ChainIntent intent, TransactionError error) =>
        intent is not PlaceOrder && ProgramErrors.Of(error) == ProgramError.MaintenanceMode;
}
