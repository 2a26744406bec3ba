using System.CommandLine;

namespace GridTokenX.Simulator.Commands;

/// <summary>An option that takes an http or https address.</summary>
internal static class AddressOption
{
    public static Option<Uri?> Create(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var address)
                && (address.Scheme is "http" or "https"))
            {
                return address;
            }

            result.AddError($"{name} must be an http or https address.");
            return null;
        },
    };
}
