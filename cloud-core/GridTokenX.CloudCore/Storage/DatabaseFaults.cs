using Npgsql;

namespace GridTokenX.CloudCore.Storage;

/// <summary>What a fault of the database means for the caller.</summary>
public static class DatabaseFaults
{
    /// <summary>
    /// The server is away, starting, stopping, full or a standby, or the connection broke: trying later helps.
    /// </summary>
    public static bool IsUnavailable(Exception exception) => exception switch
    {
        PostgresException { SqlState: var state } =>
            state.StartsWith("08", StringComparison.Ordinal) // connection exceptions
            || state.StartsWith("53", StringComparison.Ordinal) // insufficient resources
            || state is PostgresErrorCodes.AdminShutdown
                or PostgresErrorCodes.CrashShutdown
                or PostgresErrorCodes.CannotConnectNow
                or PostgresErrorCodes.ReadOnlySqlTransaction
            || MayBeRepeated(exception),
        NpgsqlException => true,
        _ => false,
    };

    /// <summary>The transaction lost against another one; the same work again may succeed at once.</summary>
    public static bool MayBeRepeated(Exception exception) =>
        exception is PostgresException
        {
            SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure
        };
}
