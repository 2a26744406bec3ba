// Base58 of keys and signatures on a PC: many digits at a time in machine words, some twenty times as fast as
// Wire/Base58.cs, which must run on a microcontroller and is what this is tested against. GridTokenX.Solana, which
// knows nothing of the protocol, compiles it as well.

using System.Diagnostics;

namespace GridTokenX.Protocol.Keys;

/// <summary>Base58 with Bitcoin's alphabet, of at most <see cref="MaxBytes"/>; allocates nothing.</summary>
internal static class QuickBase58
{
    public const int MaxBytes = 64;

    /// <summary>No text of <see cref="MaxBytes"/> is longer.</summary>
    public const int MaxLength = 88;

    private const uint FiveDigits = 58 * 58 * 58 * 58 * 58;
    private const int TenAtOnce = 10;
    private const byte NoDigit = 0xFF;

    private static readonly ulong[] Powers = PowersOf58();
    private static readonly byte[] Digits = DigitsByCharacter();

    private static ReadOnlySpan<byte> Alphabet => "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"u8;

    /// <summary>Writes the text as ASCII into at least <see cref="MaxLength"/> bytes; returns its length.</summary>
    public static int Encode(ReadOnlySpan<byte> data, Span<byte> ascii)
    {
        ThrowIfTooLong(data);
        var zeros = data.Length - data.TrimStart((byte)0).Length;
        Span<uint> words = stackalloc uint[MaxBytes / sizeof(uint)];
        var count = Words(data[zeros..], words);

        // Lowest digit last; five at a time, so the highest ones may be zeros too many.
        Span<byte> digits = stackalloc byte[MaxLength + TenAtOnce];
        var at = digits.Length;
        for (var first = 0; first < count;)
        {
            var five = (uint)0;
            for (var i = first; i < count; i++)
            {
                var part = ((ulong)five << 32) | words[i];
                words[i] = (uint)(part / FiveDigits);
                five = (uint)(part % FiveDigits);
            }

            for (var i = 0; i < 5; i++)
            {
                digits[--at] = Alphabet[(int)(five % 58)];
                five /= 58;
            }

            while (first < count && words[first] == 0)
            {
                first++;
            }
        }

        var text = digits[at..].TrimStart(Alphabet[0]);
        ascii[..zeros].Fill(Alphabet[0]);
        text.CopyTo(ascii[zeros..]);
        return zeros + text.Length;
    }

    public static string Encode(ReadOnlySpan<byte> data)
    {
        Span<byte> ascii = stackalloc byte[MaxLength];
        return System.Text.Encoding.ASCII.GetString(ascii[..Encode(data, ascii)]);
    }

    /// <summary>Decodes into all of <paramref name="data"/>; false when the text is anything else.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> ascii, Span<byte> data)
    {
        ThrowIfTooLong(data);
        Debug.Assert(data.Length % sizeof(ulong) == 0, "Keys, codes and signatures are whole words.");
        if (ascii.Length > MaxLength)
        {
            return false;
        }

        Span<ulong> words = stackalloc ulong[data.Length / sizeof(ulong)]; // lowest first
        var used = 0;
        for (var at = 0; at < ascii.Length;)
        {
            var count = at == 0 && ascii.Length % TenAtOnce != 0 ? ascii.Length % TenAtOnce : TenAtOnce;
            if (!TryRead(ascii.Slice(at, count), out var carry))
            {
                return false;
            }

            for (var i = 0; i < used; i++)
            {
                var high = Math.BigMul(words[i], Powers[count], out var low);
                words[i] = unchecked(low + carry);
                carry = words[i] < low ? high + 1 : high;
            }

            at += count;
            if (carry != 0)
            {
                if (used == words.Length)
                {
                    return false;
                }

                words[used++] = carry;
            }
        }

        for (var i = 0; i < words.Length; i++)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(data[(8 * (words.Length - 1 - i))..], words[i]);
        }

        return ascii.Length - ascii.TrimStart(Alphabet[0]).Length == data.Length - data.TrimStart((byte)0).Length;
    }

    public static bool TryDecode(ReadOnlySpan<char> text, Span<byte> data)
    {
        Span<byte> ascii = stackalloc byte[MaxLength];
        return text.Length <= MaxLength
            && System.Text.Ascii.FromUtf16(text, ascii, out var length) == System.Buffers.OperationStatus.Done
            && TryDecode(ascii[..length], data);
    }

    private static void ThrowIfTooLong(ReadOnlySpan<byte> data)
    {
        if (data.Length > MaxBytes)
        {
            throw new ArgumentException($"At most {MaxBytes} bytes, not {data.Length}.", nameof(data));
        }
    }

    /// <summary>At most ten digits: they fit into a word.</summary>
    private static bool TryRead(ReadOnlySpan<byte> ascii, out ulong value)
    {
        value = 0;
        foreach (var character in ascii)
        {
            var digit = Digits[character];
            if (digit == NoDigit)
            {
                return false;
            }

            value = (value * 58) + digit;
        }

        return true;
    }

    /// <summary>Highest word first; how many.</summary>
    private static int Words(ReadOnlySpan<byte> data, Span<uint> words)
    {
        var count = (data.Length + 3) / sizeof(uint);
        words[..count].Clear();
        var at = (count * sizeof(uint)) - data.Length;
        foreach (var one in data)
        {
            words[at / sizeof(uint)] = (words[at / sizeof(uint)] << 8) | one;
            at++;
        }

        return count;
    }

    private static ulong[] PowersOf58()
    {
        var powers = new ulong[TenAtOnce + 1];
        powers[0] = 1;
        for (var i = 1; i < powers.Length; i++)
        {
            powers[i] = powers[i - 1] * 58;
        }

        return powers;
    }

    private static byte[] DigitsByCharacter()
    {
        var digits = new byte[256];
        Array.Fill(digits, NoDigit);
        for (var i = 0; i < Alphabet.Length; i++)
        {
            digits[Alphabet[i]] = (byte)i;
        }

        return digits;
    }
}
