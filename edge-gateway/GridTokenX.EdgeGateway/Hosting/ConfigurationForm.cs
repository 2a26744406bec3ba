using System.Globalization;

namespace GridTokenX.EdgeGateway.Hosting;

/// <summary>Reads settings and remembers every fault, so that all of them are told at once.</summary>
internal sealed class ConfigurationForm(IConfiguration configuration)
{
    private readonly List<string> _faults = [];

    internal void Fault(string key, string what) => _faults.Add($"{key} {what}.");

    internal string Text(string key, string? otherwise)
    {
        var text = OptionalText(key) ?? otherwise;
        if (text is null)
        {
            Fault(key, "is missing");
        }

        return text ?? string.Empty;
    }

    internal string? OptionalText(string key) =>
        configuration[key] is { } text && !string.IsNullOrWhiteSpace(text) ? text : null;

    internal long Number(string key, long? otherwise, long least, long most)
    {
        var text = OptionalText(key);
        if (text is null && otherwise is { } value)
        {
            return value;
        }

        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value)
            && value >= least
            && value <= most)
        {
            return value;
        }

        Fault(key, $"must be a whole number from {least} to {most}");
        return least;
    }

    internal bool Flag(string key)
    {
        var text = OptionalText(key) ?? "false";
        if (bool.TryParse(text, out var value))
        {
            return value;
        }

        Fault(key, "must be true or false");
        return false;
    }

    internal DateTimeOffset? Time(string key)
    {
        var text = OptionalText(key);
        if (text is null)
        {
            return null;
        }

        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            return time;
        }

        Fault(key, "must be an ISO 8601 time");
        return null;
    }

    internal void ThrowWhenFaulty()
    {
        if (_faults.Count > 0)
        {
            throw new InvalidConfigurationException(_faults);
        }
    }
}

public sealed class InvalidConfigurationException : Exception
{
    public InvalidConfigurationException(IEnumerable<string> faults)
        : base("The configuration is not usable:\n" + string.Join('\n', faults.Select(static fault => $"  {fault}")))
    {
    }

    public InvalidConfigurationException(string message)
        : base(message)
    {
    }

    public InvalidConfigurationException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public InvalidConfigurationException()
    {
    }
}
