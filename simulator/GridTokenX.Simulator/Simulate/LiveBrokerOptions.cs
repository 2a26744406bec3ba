using System.CommandLine;
using GridTokenX.Simulator.Commands;
using GridTokenX.Simulator.Live;

namespace GridTokenX.Simulator.Simulate;

/// <summary>The options that say how the meters reach a gateway's broker, and as whom.</summary>
/// <param name="password">Of <see cref="PasswordVariable"/>; null without it.</param>
internal sealed class LiveBrokerOptions(string? password)
{
    /// <summary>The environment's, for where no file is wanted. No option holds a password: others see those.</summary>
    public const string PasswordVariable = "GRIDTOKENX_BROKER_PASSWORD";

    private readonly Option<string?> _broker = new("--broker")
    {
        Description = "live: HOST:PORT of a gateway's broker; without it, straight to the cloud over HTTP.",
    };

    private readonly Option<string?> _authority = new("--broker-ca")
    {
        Description = "live: PEM file of the authority of that broker; connects with TLS, and the broker's certificate "
            + "has to name HOST.",
    };

    private readonly Option<string?> _user = new("--broker-user")
    {
        Description = "live: one user for all meters; his password comes from --broker-password-file or from "
            + PasswordVariable + ".",
    };

    private readonly Option<string?> _passwordFile = new("--broker-password-file")
    {
        Description = "live: file of mode 600 with that user's password.",
    };

    private readonly Option<string?> _devices = new("--broker-devices")
    {
        Description = "live: file of mode 600 with a user for each meter, as `gtx-gateway device add` prints them.",
    };

    public IEnumerable<Option> All => [_broker, _authority, _user, _passwordFile, _devices];

    /// <summary>Null when no broker is named.</summary>
    /// <exception cref="FormatException">The options do not fit together, or a file is none of these.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Others may read a file with passwords.</exception>
    public LiveBroker? Read(ParseResult parsed)
    {
        if (parsed.GetValue(_broker) is not { } address)
        {
            return All.Skip(1).FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } lonely
                ? throw new FormatException($"{lonely.Name} needs --broker.")
                : null;
        }

        var (host, port) = BrokerAddress.Parse(address);
        return new LiveBroker
        {
            Host = host,
            Port = port,
            AuthorityFile = parsed.GetValue(_authority) is { } file ? Existing(file) : null,
            User = UserOf(parsed),
            Devices = parsed.GetValue(_devices) is { } devices ? BrokerPasswords.Read(Existing(devices)) : null,
        };
    }

    private BrokerUser? UserOf(ParseResult parsed)
    {
        var (name, file) = (parsed.GetValue(_user), parsed.GetValue(_passwordFile));
        if (name is null)
        {
            return file is null ? null : throw new FormatException("--broker-password-file needs --broker-user.");
        }

        if (parsed.GetValue(_devices) is not null)
        {
            throw new FormatException("--broker-user is one for all meters, --broker-devices one for each: which?");
        }

        var secret = file is null ? password : BrokerPasswords.Secret(Existing(file));
        return string.IsNullOrEmpty(secret)
            ? throw new FormatException(
                $"--broker-user needs a password: --broker-password-file or {PasswordVariable}.")
            : new BrokerUser(name, secret);
    }

    private static string Existing(string file) =>
        File.Exists(file) ? file : throw new FileNotFoundException($"There is no file {file}.", file);
}
