using System.Buffers;
using System.Text;

namespace GridTokenX.Programs;

/// <summary>What a meter's id must be to be the seed of its account: 1 to 32 of A–Z a–z 0–9 - _ and the dot.</summary>
public static class MeterId
{
    public const int MaxLength = 32;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    public static bool IsValid(string meterId) =>
        meterId.Length is >= 1 and <= MaxLength && !meterId.AsSpan().ContainsAnyExcept(Allowed);

    /// <exception cref="ArgumentException">Not valid.</exception>
    public static byte[] ToSeed(string meterId) => IsValid(meterId)
        ? Encoding.ASCII.GetBytes(meterId)
        : throw new ArgumentException(ProgramError.InvalidMeterId.Message(), nameof(meterId));
}
