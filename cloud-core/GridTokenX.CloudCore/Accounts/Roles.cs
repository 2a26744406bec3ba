namespace GridTokenX.CloudCore.Accounts;

/// <summary>What a user is to the platform; the words are those of the API.</summary>
[Flags]
public enum Roles
{
    None = 0,
    Consumer = 1,
    Prosumer = 2,

    /// <summary>Reads every meter's registers, and nothing of the market.</summary>
    Ami = 4,
    Operator = 8,

    /// <summary>Gives roles and hands letters over, beside all that an operator may.</summary>
    Admin = 16,
}

internal static class RoleNames
{
    /// <summary>Those that are given beside prosumer and consumer.</summary>
    internal static readonly IReadOnlyList<string> Further = ["ami", "operator", "admin"];

    private static readonly (string Name, Roles Role)[] All =
    [
        ("consumer", Roles.Consumer),
        ("prosumer", Roles.Prosumer),
        ("ami", Roles.Ami),
        ("operator", Roles.Operator),
        ("admin", Roles.Admin),
    ];

    internal static Roles Parse(IEnumerable<string> names) => names.Aggregate(
        Roles.None,
        static (roles, name) => roles | Array.Find(All, role => role.Name == name).Role);

    internal static IReadOnlyList<string> Of(Roles roles) =>
        [.. All.Where(role => roles.HasFlag(role.Role)).Select(static role => role.Name)];

    internal static bool IsPrivileged(this Roles roles) => roles.HasFlag(Roles.Operator) || roles.HasFlag(Roles.Admin);
}
