using System.Collections;
using System.Reflection;
using GridTokenX.CloudCore.Accounts;
using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Ingest;
using GridTokenX.CloudCore.Live;
using GridTokenX.CloudCore.Locks;
using GridTokenX.CloudCore.Metrics;
using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Simulation;
using GridTokenX.CloudCore.Trading;
using GridTokenX.CloudCore.Web;
using GridTokenX.Protocol.Hosting;
using Microsoft.Extensions.Options;

namespace GridTokenX.CloudCore;

/// <summary>
/// Settings that nothing reads, most likely misspelt ones: with any of them the process does not start.
/// </summary>
internal static class UnknownSettings
{
    internal const string Code = "unknown_setting";

    private const string Any = "*";

    /// <summary>A shorter name of a foreign section is near to too many.</summary>
    private const int LeastToBeNear = 5;

    private static readonly Dictionary<string, Type> Sections = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Accounts"] = typeof(AccountsOptions),
        ["Api"] = typeof(ApiOptions),
        ["Cloud"] = typeof(CloudOptions),
        ["Cors"] = typeof(CrossOriginOptions),
        ["Ingest"] = typeof(IngestOptions),
        ["Live"] = typeof(LiveOptions),
        ["Market"] = typeof(MarketOptions),
        ["Metrics"] = typeof(MetricsOptions),
        ["Mqtt"] = typeof(BrokerOptions),
        ["RateLimits"] = typeof(RateLimitOptions),
        ["Simulation"] = typeof(SimulationOptions),
        ["Solana"] = typeof(SolanaOptions),
        ["Trading"] = typeof(TradingOptions),
        ["Web"] = typeof(WebOptions),
    };

    /// <summary>Every setting that there is; <c>*</c> stands for a name or a number that is free.</summary>
    internal static IEnumerable<string> Known =>
        Sections.SelectMany(static section => Paths(section.Key, section.Value));

    /// <exception cref="OptionsValidationException">Names all of them, each with the nearest known one.</exception>
    internal static void Refuse(IConfiguration configuration)
    {
        var faults = configuration.GetChildren().SelectMany(FaultsOf).ToList();
        if (faults.Count > 0)
        {
            throw new OptionsValidationException("settings", typeof(UnknownSettings), faults);
        }
    }

    /// <summary>Whose options the section is.</summary>
    internal static Type TypeOf(string section) => Sections[section];

    /// <summary>
    /// Of a section of others, such as the environment brings by the dozen, only what looks like one of ours is said.
    /// </summary>
    private static IEnumerable<string> FaultsOf(IConfigurationSection section)
    {
        if (Sections.TryGetValue(section.Key, out var type))
        {
            return section.GetChildren().SelectMany(child => Unknown(child, PropertyOf(type, child.Key)))
                .Order(StringComparer.OrdinalIgnoreCase)
                .Select(static path => Fault(path, NearestSetting.To(path, Known)));
        }

        return section.Key.Length >= LeastToBeNear && section.GetChildren().Any()
            && NearestSetting.To(section.Key, Sections.Keys) is { } nearest
                ? [Fault(section.Key, nearest)]
                : [];
    }

    private static string Fault(string path, string? nearest) =>
        $"{path} is no setting of the cloud core ({Code})"
        + (nearest is null ? "." : $"; the nearest one is {nearest}.");

    /// <param name="section">A setting, or what is below it.</param>
    /// <param name="type">What it is read into; null for nothing.</param>
    private static IEnumerable<string> Unknown(IConfigurationSection section, Type? type)
    {
        var children = section.GetChildren().ToList();
        if (type is null || (children.Count > 0 && IsValue(type)))
        {
            return children.Count == 0 ? [section.Path] : children.SelectMany(static child => Unknown(child, null));
        }

        return children.SelectMany(child => Unknown(child, ElementOf(type) ?? PropertyOf(type, child.Key)));
    }

    private static IEnumerable<string> Paths(string path, Type type)
    {
        if (IsValue(type))
        {
            return [path];
        }

        return ElementOf(type) is { } element
            ? Paths($"{path}:{Any}", element)
            : Properties(type).SelectMany(property => Paths($"{path}:{property.Name}", property.PropertyType));
    }

    private static Type? PropertyOf(Type type, string name) => Properties(type)
        .FirstOrDefault(property => property.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.PropertyType;

    /// <summary>What the binder sets.</summary>
    private static IEnumerable<PropertyInfo> Properties(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(static property => property.CanWrite);

    /// <summary>Of a list, or of a dictionary by names.</summary>
    private static Type? ElementOf(Type type)
    {
        if (type.IsArray)
        {
            return type.GetElementType();
        }

        return type.IsGenericType && type.IsAssignableTo(typeof(IEnumerable)) ? type.GetGenericArguments()[^1] : null;
    }

    /// <summary>Read from one text.</summary>
    private static bool IsValue(Type type) => ElementOf(type) is null
        && (type.IsValueType || type.Assembly != typeof(UnknownSettings).Assembly);
}
