using System.Globalization;
using GridTokenX.Protocol.Hosting;

namespace GridTokenX.EdgeGateway.Hosting;

/// <summary>Reads settings and remembers every fault, so that all of them are told at once.</summary>
internal sealed class ConfigurationForm(IConfiguration configuration)
{
    /// <summary>The code of a setting that nothing reads: most likely it is misspelt.</summary>
    internal const string UnknownSetting = "unknown_setting";

    private readonly List<string> _faults = [];
    private readonly HashSet<string> _asked = new(StringComparer.OrdinalIgnoreCase);

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

    internal string? OptionalText(string key)
    {
        _ = _asked.Add(key);
        return configuration[key] is { } text && !string.IsNullOrWhiteSpace(text) ? text : null;
    }

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

    /// <summary>
    /// What stands in these sections and was not asked for until now is a fault, wherever it comes from: a file, the
    /// command line, or the environment (<c>Section__Key</c>).
    /// </summary>
    internal void RefuseUnknown(params ReadOnlySpan<string> sections)
    {
        foreach (var section in sections)
        {
            // Not the section itself: a variable of the environment may be called GATEWAY for reasons of its own.
            var unknown = configuration.GetSection(section).GetChildren().SelectMany(Unknown);
            foreach (var key in unknown.Order(StringComparer.OrdinalIgnoreCase))
            {
                var hint = NearestSetting.To(key, _asked) is { } nearest ? $"; the nearest one is {nearest}" : null;
                Fault(key, $"is no setting of this gateway ({UnknownSetting}){hint}");
            }
        }
    }

    internal void ThrowWhenFaulty()
    {
        if (_faults.Count > 0)
        {
            throw new InvalidConfigurationException(_faults);
        }
    }

    /// <summary>
    /// What was not asked for among the section and all below it; a known part of the settings may be empty.
    /// </summary>
    private IEnumerable<string> Unknown(IConfigurationSection section)
    {
        var isLeaf = true;
        foreach (var child in section.GetChildren())
        {
            isLeaf = false;
            foreach (var leaf in Unknown(child))
            {
                yield return leaf;
            }
        }

        var says = !string.IsNullOrWhiteSpace(section.Value);
        if (!_asked.Contains(section.Path) && (says || (isLeaf && !IsPartOfSettings(section.Path))))
        {
            yield return section.Path;
        }
    }

    private bool IsPartOfSettings(string path) =>
        _asked.Any(key => key.StartsWith($"{path}:", StringComparison.OrdinalIgnoreCase));
}

public sealed class InvalidConfigurationException : Exception
{
    public InvalidConfigurationException(IReadOnlyList<string> faults)
        : base("The configuration is not usable:\n" + string.Join('\n', faults.Select(static fault => $"  {fault}")))
    {
        Faults = faults;
    }

    public InvalidConfigurationException(string message)
        : base(message)
    {
        Faults = [message];
    }

    public InvalidConfigurationException(string message, Exception inner)
        : base(message, inner)
    {
        Faults = [message];
    }

    public InvalidConfigurationException()
    {
        Faults = [];
    }

    /// <summary>A sentence each.</summary>
    public IReadOnlyList<string> Faults { get; }
}
