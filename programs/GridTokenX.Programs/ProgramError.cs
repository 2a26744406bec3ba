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

    /// <summary>One sentence for people.</summary>
    public static string Message(this ProgramError error) => error switch
    {
        ProgramError.None => "No error of the programs.",
        ProgramError.InsufficientBalance => "The token account holds less than the instruction needs.",
        ProgramError.InvalidOrder => "The order's amount, expiry or side is not acceptable.",
        ProgramError.SelfTradingNotAllowed => "Buyer and seller are the same.",
        ProgramError.AmountMismatch => "The amount does not fit what is left, or counts do not match.",
        ProgramError.Unauthorized => "The signer may not do this.",
        ProgramError.ReentrancyDetected => "The program was entered again while it was running.",
        ProgramError.InvalidBridgeProof => "The bridge's proof is not valid.",
        ProgramError.NoUnsettledBalance => "The meter has no net generation that is not yet settled.",
        ProgramError.OrderNotActive => "There is no such order any more.",
        ProgramError.MathOverflow => "A result does not fit 64 bits.",
        ProgramError.MaintenanceMode => "The program is in maintenance.",
        ProgramError.PriceOutOfBounds => "The price is outside the orders' limits or the market's bounds.",
        ProgramError.InvalidInstruction => "The instruction is unknown, too short or too long.",
        ProgramError.NotEnoughAccounts => "Accounts are missing.",
        ProgramError.MissingSignature => "A required account did not sign.",
        ProgramError.AccountNotWritable => "A required account is not writable.",
        ProgramError.InvalidAccountOwner => "An account belongs to the wrong program.",
        ProgramError.InvalidAccountData => "An account is of the wrong kind or size.",
        ProgramError.InvalidAddress => "An account is at the wrong address.",
        ProgramError.InvalidProgram => "A program is not the expected one.",
        ProgramError.InvalidTokenAccount => "A token account has the wrong mint or owner.",
        ProgramError.AlreadyInitialized => "The account exists already.",
        ProgramError.DuplicateAccount => "An account is given twice where two are needed.",
        ProgramError.SettlementAlreadyUsed => "The settlement's number has been used.",
        ProgramError.OrderExpired => "The order has expired.",
        ProgramError.OrderNotExpired => "The order has not expired yet.",
        ProgramError.InvalidConfiguration => "The configuration is not acceptable.",
        ProgramError.InvalidMeterId => "A meter's id has 1 to 32 of the characters A-Z a-z 0-9 - _ and the dot.",
        ProgramError.MeterNotActive => "The meter has been deactivated.",
        ProgramError.RegisterRegression => "A meter's registers never fall.",
        ProgramError.ReadingTooEarly => "The reading follows the meter's previous one too soon.",
        ProgramError.ReadingInFuture => "The reading's time is too far in the future.",
        ProgramError.ReadingOutOfRange => "The registers grew by more than the meter's connection can carry.",
        _ => throw new ArgumentOutOfRangeException(nameof(error)),
    };
}
