using GridTokenX.Solana.Rpc;

namespace GridTokenX.Programs;

/// <summary>Why one of the programs refused; the values are the custom error numbers on chain.</summary>
public enum ProgramError
{
    None = 0,

    InsufficientBalance = 6000,
    InvalidOrder = 6001,
    SelfTradingNotAllowed = 6002,
    AmountMismatch = 6003,
    Unauthorized = 6004,

    /// <summary>Reserved.</summary>
    ReentrancyDetected = 6005,

    /// <summary>Reserved.</summary>
    InvalidBridgeProof = 6006,
    NoUnsettledBalance = 6007,
    OrderNotActive = 6008,
    MathOverflow = 6009,

    MaintenanceMode = 6010,
    PriceOutOfBounds = 6011,
    InvalidInstruction = 6012,
    NotEnoughAccounts = 6013,
    MissingSignature = 6014,
    AccountNotWritable = 6015,
    InvalidAccountOwner = 6016,
    InvalidAccountData = 6017,
    InvalidAddress = 6018,
    InvalidProgram = 6019,

    InvalidTokenAccount = 6020,
    AlreadyInitialized = 6021,
    DuplicateAccount = 6022,
    SettlementAlreadyUsed = 6023,
    OrderExpired = 6024,
    OrderNotExpired = 6025,
    InvalidConfiguration = 6026,
    InvalidMeterId = 6027,
    MeterNotActive = 6028,
    RegisterRegression = 6029,

    ReadingTooEarly = 6030,
    ReadingInFuture = 6031,
    ReadingOutOfRange = 6032,
}

public static class ProgramErrors
{
    /// <summary>None when the transaction failed for another reason than a number of ours. Programs of others have
    /// numbers of their own: this holds for a transaction whose failed instruction is known to be ours.</summary>
    public static ProgramError Of(TransactionError? error) => Of(error?.Instruction?.CustomCode);

    public static ProgramError Of(uint? customCode) =>
        customCode is >= (uint)ProgramError.InsufficientBalance and <= (uint)ProgramError.ReadingOutOfRange
            ? (ProgramError)customCode
            : ProgramError.None;

    /// <summary>One sentence for people, the same that the programs log.</summary>
    public static string Message(this ProgramError error) => error switch
    {
        ProgramError.None => "No error of the programs.",
        ProgramError.InsufficientBalance => "The token account holds less than this needs.",
        ProgramError.InvalidOrder => "The order has the wrong side or terms that no order may have.",
        ProgramError.SelfTradingNotAllowed => "Buyer and seller are the same.",
        ProgramError.AmountMismatch => "The amount is zero, more than is left, or does not fit the accounts.",
        ProgramError.Unauthorized => "The signer may not do this.",
        ProgramError.ReentrancyDetected => "Reserved.",
        ProgramError.InvalidBridgeProof => "Reserved.",
        ProgramError.NoUnsettledBalance => "The meter has no net generation that is not settled yet.",
        ProgramError.OrderNotActive => "There is no such order any more.",
        ProgramError.MathOverflow => "A number does not fit.",
        ProgramError.MaintenanceMode => "The program is in maintenance.",
        ProgramError.PriceOutOfBounds => "The price breaks a limit of an order or of the market.",
        ProgramError.InvalidInstruction => "The instruction is unknown or its data has the wrong form.",
        ProgramError.NotEnoughAccounts => "Accounts are missing.",
        ProgramError.MissingSignature => "A signature is missing.",
        ProgramError.AccountNotWritable => "An account must be writable.",
        ProgramError.InvalidAccountOwner => "An account belongs to another program.",
        ProgramError.InvalidAccountData => "An account holds something else.",
        ProgramError.InvalidAddress => "An account is not the one that belongs here.",
        ProgramError.InvalidProgram => "A program is not the one that belongs here.",
        ProgramError.InvalidTokenAccount => "A token account or mint is not what this needs.",
        ProgramError.AlreadyInitialized => "The account exists already.",
        ProgramError.DuplicateAccount => "An account is given twice.",
        ProgramError.SettlementAlreadyUsed => "The settlement has been executed before.",
        ProgramError.OrderExpired => "The order has expired.",
        ProgramError.OrderNotExpired => "The order has not expired yet.",
        ProgramError.InvalidConfiguration => "The configuration makes no sense.",
        ProgramError.InvalidMeterId => "A meter id has 1 to 32 letters, digits, hyphens, underscores or dots.",
        ProgramError.MeterNotActive => "The meter is not active.",
        ProgramError.RegisterRegression => "A meter register fell.",
        ProgramError.ReadingTooEarly => "The reading follows the one before too soon.",
        ProgramError.ReadingInFuture => "The reading is from the future.",
        ProgramError.ReadingOutOfRange => "A meter register grew faster than a meter can count.",
        _ => throw new ArgumentOutOfRangeException(nameof(error)),
    };
}
