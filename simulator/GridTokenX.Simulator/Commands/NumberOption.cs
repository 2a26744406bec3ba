using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace GridTokenX.Simulator.Commands;

/// <summary>An option that takes a number within its bounds.</summary>
internal static class NumberOption
{
    public static Option<T> Create<T>(string name, string description, T standard, T least, T most)
        where T : INumber<T> => new(name)
        {
            Description = description,
            DefaultValueFactory = _ => standard,
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                const NumberStyles Form = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
                if (T.TryParse(text, Form, CultureInfo.InvariantCulture, out var value) && value >= least
                    && value <= most)
                {
                    return value;
                }

                result.AddError(
                    string.Create(CultureInfo.InvariantCulture, $"{name} must be a number from {least} to {most}."));
                return standard;
            },
        };
}
