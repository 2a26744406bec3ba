using System.Text;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Mqtt;

namespace GridTokenX.CloudCore.Locks;

/// <summary>Section <c>Mqtt</c>: the broker between the gateways and the cloud.</summary>
internal sealed record BrokerOptions
{
    /// <summary>
    /// As of <see cref="MqttOptions.Host"/>. Null: no commands are sent and no states received; locks are only
    /// recorded.
    /// </summary>
    public string? Host { get; init; }

    public int Port { get; init; } = 1883;

    public string? UserName { get; init; }

    /// <summary>File (mode 600) with the password.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>Stable: the broker keeps states for it while this process is away.</summary>
    public string ClientId { get; init; } = "gridtokenx-cloud-core";

    /// <summary>PEM file of the authorities to trust; null for a connection without TLS.</summary>
    public string? TlsAuthorityFile { get; init; }

    internal static IEnumerable<string> Faults(BrokerOptions options)
    {
        if (options.Host is { Length: 0 })
        {
            yield return $"{nameof(Host)} is empty.";
        }

        if (options.Port is < 1 or > ushort.MaxValue)
        {
            yield return $"{nameof(Port)} is {options.Port}; it goes from 1 to 65535.";
        }

        if (options.ClientId.Length is < 1 or > 100)
        {
            yield return $"{nameof(ClientId)} has {options.ClientId.Length} characters; 1 to 100 are possible.";
        }

        if (options.Host is { } host && MqttOptions.IsLocal(host) && options.TlsAuthorityFile is not null)
        {
            yield return $"{nameof(TlsAuthorityFile)} does not go with a local socket.";
        }

        var files = new[] { options.PasswordFile, options.TlsAuthorityFile }.OfType<string>();
        foreach (var missing in files.Where(static file => !File.Exists(file)))
        {
            yield return $"there is no file {missing}.";
        }
    }

    /// <exception cref="InvalidOperationException">No host is set.</exception>
    internal MqttOptions ToMqtt() => new()
    {
        Host = Host ?? throw new InvalidOperationException("No broker is set."),
        Port = Port,
        ClientId = ClientId,
        UserName = UserName,
        Password = PasswordFile is { } file ? Encoding.UTF8.GetString(SecretFile.Read(file)).TrimEnd('\r', '\n') : null,
        TlsAuthorityFile = TlsAuthorityFile,
        CleanSession = false,
    };
}
