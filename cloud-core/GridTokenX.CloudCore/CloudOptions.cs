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

    /// <summary>The one fee, 0–10 000; 100 = 1 % of the value, from the seller.</summary>
    public int FeeBasisPoints { get; init; } = 100;
}
