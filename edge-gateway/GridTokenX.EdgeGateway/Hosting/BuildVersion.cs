using System.Reflection;

namespace GridTokenX.EdgeGateway.Hosting;

/// <summary>Which version of the gateway this is, as its package is named.</summary>
internal static class BuildVersion
{
    internal const int MaxLength = 40;

    internal static string Text { get; } = Shortened(
        typeof(BuildVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
            ?.InformationalVersion ?? "0");

    private static string Shortened(string version)
    {
        var name = version.Split('+')[0];
        return name[..Math.Min(name.Length, MaxLength)];
    }
}
