using System.Text.Json;

namespace GridTokenX.Solana.Rpc;

/// <summary>Why the chain refused a transaction, or failed it; the names are Solana's.</summary>
public enum TransactionErrorKind
{
    None,

    /// <summary>A name that this library does not know; see <see cref="TransactionError.Name"/>.</summary>
    Unknown,
    AccountInUse,
    AccountLoadedTwice,
    AccountNotFound,
    ProgramAccountNotFound,
    InsufficientFundsForFee,
    InvalidAccountForFee,
    AlreadyProcessed,
    BlockhashNotFound,
    InstructionError,
    CallChainTooDeep,
    MissingSignatureForFee,
    InvalidAccountIndex,
    SignatureFailure,
    InvalidProgramForExecution,
    SanitizeFailure,
    ClusterMaintenance,
    AccountBorrowOutstanding,
    WouldExceedMaxBlockCostLimit,
    UnsupportedVersion,
    InvalidWritableAccount,
    WouldExceedMaxAccountCostLimit,
    WouldExceedAccountDataBlockLimit,
    TooManyAccountLocks,
    AddressLookupTableNotFound,
    InvalidAddressLookupTableOwner,
    InvalidAddressLookupTableData,
    InvalidAddressLookupTableIndex,
    InvalidRentPayingAccount,
    WouldExceedMaxVoteCostLimit,
    WouldExceedAccountDataTotalLimit,
    DuplicateInstruction,
    InsufficientFundsForRent,
    MaxLoadedAccountsDataSizeExceeded,
    InvalidLoadedAccountsDataSizeLimit,
    ResanitizationNeeded,
    ProgramExecutionTemporarilyRestricted,
    UnbalancedTransaction,
    ProgramCacheHitMaxLimit,
    CommitCancelled,
}

/// <summary>The instruction that failed and why.</summary>
/// <param name="Index">Its place in the transaction, from 0.</param>
/// <param name="Name">Solana's name, `Custom` for a program's own error.</param>
/// <param name="CustomCode">The program's own error number, when the name is `Custom`.</param>
public sealed record InstructionError(int Index, string Name, uint? CustomCode)
{
    public override string ToString() => CustomCode is { } code
        ? $"instruction {Index}: custom error {code}"
        : $"instruction {Index}: {Name}";
}

/// <param name="Instruction">When the kind is <see cref="TransactionErrorKind.InstructionError"/>.</param>
/// <param name="Index">The instruction or account that the error names, for the other kinds that name one.</param>
public sealed record TransactionError(
    TransactionErrorKind Kind, string Name, InstructionError? Instruction = null, int? Index = null)
{
    /// <summary>Reads the `err` of a status, a simulation or a notification.</summary>
    /// <returns>Null for JSON null: no error.</returns>
    /// <exception cref="FormatException">Not of any form that Solana uses.</exception>
    public static TransactionError? Parse(JsonElement err) => err.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        JsonValueKind.String => Of(err.GetString()!),
        JsonValueKind.Object when err.EnumerateObject().Count() == 1 => ParseObject(err.EnumerateObject().First()),
        _ => throw new FormatException("A transaction error is a name, or an object with one member."),
    };

    public override string ToString() => Instruction is { } failed ? failed.ToString() : Name;

    private static TransactionError Of(string name, InstructionError? instruction = null, int? index = null) =>
        new(KindOf(name), name, instruction, index);

    private static TransactionErrorKind KindOf(string name) =>
        Enum.TryParse<TransactionErrorKind>(name, out var kind) && kind != TransactionErrorKind.None
            && char.IsAsciiLetterUpper(name[0])
            ? kind
            : TransactionErrorKind.Unknown;

    // {"InstructionError":[1,{"Custom":3}]}  {"InstructionError":[0,"MissingRequiredSignature"]}
    // {"DuplicateInstruction":2}             {"InsufficientFundsForRent":{"account_index":1}}
    private static TransactionError ParseObject(JsonProperty member)
    {
        if (string.Equals(member.Name, nameof(TransactionErrorKind.InstructionError), StringComparison.Ordinal))
        {
            return Of(member.Name, ParseInstruction(member.Value));
        }

        int? index = member.Value.ValueKind switch
        {
            JsonValueKind.Number => member.Value.GetInt32(),
            JsonValueKind.Object when member.Value.TryGetProperty("account_index", out var account)
                => account.GetInt32(),
            _ => null,
        };
        return Of(member.Name, index: index);
    }

    private static InstructionError ParseInstruction(JsonElement pair)
    {
        if (pair.ValueKind != JsonValueKind.Array || pair.GetArrayLength() != 2)
        {
            throw new FormatException("An instruction error is a pair of index and error.");
        }

        var (index, error) = (pair[0].GetInt32(), pair[1]);
        if (error.ValueKind == JsonValueKind.String)
        {
            return new InstructionError(index, error.GetString()!, CustomCode: null);
        }

        var member = error.EnumerateObject().First();
        uint? code = string.Equals(member.Name, "Custom", StringComparison.Ordinal) ? member.Value.GetUInt32() : null;
        return new InstructionError(index, member.Name, code);
    }
}
