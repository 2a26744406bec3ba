using System.Diagnostics;
using Microsoft.Extensions.Options;

namespace GridTokenX.CloudCore;

internal static class CheckedOptions
{
    /// <summary>Reads a section and checks it before anything starts.</summary>
    /// <param name="configuration">All settings.</param>
    /// <param name="section">The section's name, such as <c>Cloud</c>.</param>
    /// <param name="faults">A sentence for each thing that is wrong, naming the setting.</param>
    /// <exception cref="OptionsValidationException">Something is wrong; the message says what.</exception>
    internal static T Load<T>(this IConfiguration configuration, string section, Func<T, IEnumerable<string>> faults)
        where T : class
    {
        Debug.Assert(UnknownSettings.TypeOf(section) == typeof(T), "Unknown settings are looked for there.");
        T options;
        try
        {
            options = Activator.CreateInstance<T>();
            configuration.GetSection(section).Bind(options, static binder => binder.ErrorOnUnknownConfiguration = true);
        }
        catch (InvalidOperationException exception)
        {
            throw new OptionsValidationException(section, typeof(T), [$"{section}: {exception.Message}"]);
        }

        var found = faults(options).Select(fault => $"{section}:{fault}").ToList();
        return found.Count == 0 ? options : throw new OptionsValidationException(section, typeof(T), found);
    }
}
