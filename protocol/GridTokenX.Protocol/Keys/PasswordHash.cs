using System.Security.Cryptography;
using System.Text;
using GridTokenX.Protocol.Interop;

namespace GridTokenX.Protocol.Keys;

/// <summary>
/// Argon2id (RFC 9106) by libsodium, in its text form with salt and parameters. 16 MiB and 4 passes: some 0.1 s on a
/// Raspberry Pi, and no more memory than such a machine has to spare.
/// </summary>
public static class PasswordHash
{
    private const int TextBytes = 128;
    private const ulong Passes = 4;
    private const int MemoryBytes = 16 * 1024 * 1024;

    /// <exception cref="CryptographicException">There was not enough memory.</exception>
    public static string Of(string password)
    {
        var secret = Encoding.UTF8.GetBytes(password);
        Span<byte> text = stackalloc byte[TextBytes];
        text.Clear();
        var outcome = Sodium.crypto_pwhash_str(text, secret, (ulong)secret.Length, Passes, MemoryBytes);
        CryptographicOperations.ZeroMemory(secret);
        return outcome == 0
            ? Encoding.ASCII.GetString(text[..text.IndexOf((byte)0)])
            : throw new CryptographicException("There is not enough memory to hash a password.");
    }

    /// <summary>False also for a text that is no hash.</summary>
    public static bool Verify(string hash, string password)
    {
        if (hash.Length >= TextBytes)
        {
            return false;
        }

        var secret = Encoding.UTF8.GetBytes(password);
        Span<byte> text = stackalloc byte[TextBytes];
        text.Clear();
        _ = Encoding.ASCII.GetBytes(hash, text);
        var isRight = Sodium.crypto_pwhash_str_verify(text, secret, (ulong)secret.Length) == 0;
        CryptographicOperations.ZeroMemory(secret);
        return isRight;
    }
}
