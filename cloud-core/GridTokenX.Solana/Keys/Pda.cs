using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace GridTokenX.Solana;

/// <summary>A program-derived address and the bump that keeps it off the curve.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ProgramAddress(PublicKey Address, byte Bump);

/// <summary>Program-derived addresses: SHA-256(seeds · program · "ProgramDerivedAddress"), which must not be on the
/// curve, so that no key can sign for them.</summary>
public static class Pda
{
    public const int MaxSeeds = 16;
    public const int MaxSeedLength = 32;

    private const int MaxInput = (MaxSeeds * MaxSeedLength) + PublicKey.Length + MarkerLength;
    private const int MarkerLength = 21;

    /// <summary>The address for the highest bump, counting down from 255, that gives one off the curve; the bump is
    /// appended as the last seed.</summary>
    /// <exception cref="ArgumentException">More than 15 seeds, or a seed longer than 32 bytes.</exception>
    public static ProgramAddress Find(PublicKey program, params ReadOnlySpan<byte[]> seeds)
    {
        CheckSeeds(seeds, MaxSeeds - 1);
        Span<byte> buffer = stackalloc byte[MaxInput];
        var input = Input(program, seeds, [255], buffer);
        if (FoundAddresses.TryGet(input, out var found))
        {
            return found;
        }

        Span<byte> tried = stackalloc byte[input.Length];
        input.CopyTo(tried);
        var at = input.Length - (1 + PublicKey.Length + MarkerLength);
        for (var bump = 255; bump >= 0; bump--)
        {
            tried[at] = (byte)bump;
            if (TryDerive(tried, out var address))
            {
                found = new ProgramAddress(address, (byte)bump);
                FoundAddresses.Add(input, found);
                return found;
            }
        }

        throw new ArgumentException("No bump gives an address off the curve for these seeds.", nameof(seeds));
    }

    /// <summary>The address for exactly these seeds (a known bump is the last of them).</summary>
    /// <exception cref="ArgumentException">More than 16 seeds, a seed longer than 32 bytes, or the address would be
    /// on the curve.</exception>
    public static PublicKey Create(PublicKey program, params ReadOnlySpan<byte[]> seeds)
    {
        CheckSeeds(seeds, MaxSeeds);
        Span<byte> buffer = stackalloc byte[MaxInput];
        return TryDerive(Input(program, seeds, [], buffer), out var address)
            ? address
            : throw new ArgumentException("These seeds give an address on the curve.", nameof(seeds));
    }

    private static ReadOnlySpan<byte> Input(
        PublicKey program, ReadOnlySpan<byte[]> seeds, ReadOnlySpan<byte> bump, Span<byte> buffer)
    {
        var length = 0;
        foreach (var seed in seeds)
        {
            Append(seed, buffer, ref length);
        }

        Append(bump, buffer, ref length);
        Append(program.Span, buffer, ref length);
        Append(Marker, buffer, ref length);
        return buffer[..length];
    }

    private static bool TryDerive(ReadOnlySpan<byte> input, out PublicKey address)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input, hash);
        address = new PublicKey(hash);
        return !address.IsOnCurve;
    }

    private static ReadOnlySpan<byte> Marker => "ProgramDerivedAddress"u8;

    private static void Append(ReadOnlySpan<byte> part, Span<byte> input, ref int length)
    {
        part.CopyTo(input[length..]);
        length += part.Length;
    }

    private static void CheckSeeds(ReadOnlySpan<byte[]> seeds, int max)
    {
        if (seeds.Length > max)
        {
            throw new ArgumentException($"At most {max} seeds, not {seeds.Length}.", nameof(seeds));
        }

        foreach (var seed in seeds)
        {
            if (seed.Length > MaxSeedLength)
            {
                throw new ArgumentException($"A seed has at most {MaxSeedLength} bytes, not {seed.Length}.",
                    nameof(seeds));
            }
        }
    }
}
