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

    /// <summary>The address for the highest bump, counting down from 255, that gives one off the curve; the bump is
    /// appended as the last seed.</summary>
    /// <exception cref="ArgumentException">More than 15 seeds, or a seed longer than 32 bytes.</exception>
    public static ProgramAddress Find(PublicKey program, params ReadOnlySpan<byte[]> seeds)
    {
        CheckSeeds(seeds, MaxSeeds - 1);
        for (var bump = 255; bump >= 0; bump--)
        {
            if (TryDerive(program, seeds, [(byte)bump], out var address))
            {
                return new ProgramAddress(address, (byte)bump);
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
        return TryDerive(program, seeds, [], out var address)
            ? address
            : throw new ArgumentException("These seeds give an address on the curve.", nameof(seeds));
    }

    private static bool TryDerive(
        PublicKey program, ReadOnlySpan<byte[]> seeds, ReadOnlySpan<byte> bump, out PublicKey address)
    {
        Span<byte> input = stackalloc byte[(MaxSeeds * MaxSeedLength) + PublicKey.Length + Marker.Length];
        var length = 0;
        foreach (var seed in seeds)
        {
            Append(seed, input, ref length);
        }

        Append(bump, input, ref length);
        Append(program.Span, input, ref length);
        Append(Marker, input, ref length);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input[..length], hash);
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
