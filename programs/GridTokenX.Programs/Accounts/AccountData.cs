using System.Diagnostics.CodeAnalysis;
using GridTokenX.Programs.Wire;

namespace GridTokenX.Programs.Accounts;

/// <summary>The check that every account of ours starts with.</summary>
internal static class AccountData
{
    /// <summary>Past the discriminator.</summary>
    /// <exception cref="FormatException">Another size or discriminator.</exception>
    public static BorshReader Open(ReadOnlySpan<byte> data, int length, ulong discriminator, string name)
    {
        if (!Is(data, length, discriminator))
        {
            throw new FormatException($"Not the {length} bytes of a {name}.");
        }

        return new BorshReader(data[Programs.Discriminator.Length..]);
    }

    public static bool Is(ReadOnlySpan<byte> data, int length, ulong discriminator) =>
        data.Length == length && Programs.Discriminator.Read(data) == discriminator;

    /// <summary>Null when the data is of another kind, or damaged.</summary>
    public static bool Try<T>(
        ReadOnlySpan<byte> data, Func<ReadOnlySpan<byte>, T> parse, [NotNullWhen(true)] out T? account)
        where T : class
    {
        try
        {
            account = parse(data);
            return true;
        }
        catch (FormatException)
        {
            account = null;
            return false;
        }
    }
}
