using GridTokenX.Protocol.Keys;
using Npgsql;

namespace GridTokenX.CloudCore;

/// <summary>Section <c>Cloud</c>.</summary>
public sealed record CloudOptions
{
    /// <summary>PostgreSQL connection string, without the password.</summary>
    public required string Database { get; init; }

    /// <summary>File (mode 600) with the database password; null when the server asks for none.</summary>
    public string? DatabasePasswordFile { get; init; }

    /// <summary>Folder (mode 700) of the platform's keys: made on the first start.</summary>
    public required string KeyFolder { get; init; }

    /// <summary>Base58 public key of the operator; its requests may do what nobody else's may.</summary>
    public required string OperatorKey { get; init; }

    /// <summary>True on a test net: new users are verified at once; otherwise the operator verifies them.</summary>
    public bool AutoVerifyUsers { get; init; }

    /// <summary>True on a test net: the operator may grant new GRX.</summary>
    public bool GrantsEnabled { get; init; }

    /// <summary>The one fee that the market is set up with, 0–1 000; 100 = 1 % of the value, from the seller.</summary>
    public int FeeBasisPoints { get; init; } = 100;

    internal static IEnumerable<string> Faults(CloudOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.Database))
        {
            yield return $"{nameof(Database)} is missing: a PostgreSQL connection string.";
        }
        else if (DatabaseFault(options.Database) is { } fault)
        {
            yield return $"{nameof(Database)}: {fault}";
        }

        if (options.DatabasePasswordFile is { } file && !File.Exists(file))
        {
            yield return $"{nameof(DatabasePasswordFile)}: there is no file {file}.";
        }

        if (string.IsNullOrWhiteSpace(options.KeyFolder))
        {
            yield return $"{nameof(KeyFolder)} is missing: the folder of the platform's keys.";
        }

        if (!Key32.TryParse(options.OperatorKey, out _))
        {
            yield return $"{nameof(OperatorKey)} is missing or not a Base58 key of 32 bytes.";
        }

        if (options.FeeBasisPoints is < 0 or > 1_000)
        {
            yield return $"{nameof(FeeBasisPoints)} is {options.FeeBasisPoints}; it goes from 0 to 1000.";
        }
    }

    private static string? DatabaseFault(string connectionString)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(connectionString).Password is null
                ? null
                : $"the password belongs into a file, see {nameof(DatabasePasswordFile)}.";
        }
        catch (ArgumentException exception)
        {
            return exception.Message;
        }
    }
}
