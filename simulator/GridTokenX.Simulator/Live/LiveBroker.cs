namespace GridTokenX.Simulator.Live;

/// <summary>Whom a broker lets in, and how he proves it.</summary>
internal sealed record BrokerUser(string Name, string Password);

/// <summary>A gateway's broker, and as whom the meters come to it.</summary>
internal sealed record LiveBroker
{
    public required string Host { get; init; }

    public required int Port { get; init; }

    /// <summary>PEM file of the authorities to trust; null for a connection without TLS.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>One user for all meters; null for a broker that asks for none, or for <see cref="Devices"/>.</summary>
    public BrokerUser? User { get; init; }

    /// <summary>A user for each meter, by its key, each with a connection of its own; null for one of all.</summary>
    public BrokerPasswords? Devices { get; init; }

    public override string ToString() => $"{Host}:{Port}";
}
