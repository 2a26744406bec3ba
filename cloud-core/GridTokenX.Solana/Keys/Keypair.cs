using System.Security.Cryptography;
using GridTokenX.Solana.Interop;

namespace GridTokenX.Solana;

/// <summary>An Ed25519 key that can sign. Its secret stays in memory that the collector does not move, and is
/// overwritten on <see cref="Dispose"/>; afterwards signing throws. Safe to use from several threads, except that it
/// must not be disposed while another thread signs.</summary>
public sealed class Keypair : IDisposable
{
    public const int SeedLength = Sodium.SeedBytes;

    /// <summary>Seed and public key, one after the other: the form that Solana's key files hold.</summary>
    public const int SecretKeyLength = Sodium.SecretKeyBytes;

    private readonly byte[] _secretKey = GC.AllocateArray<byte>(SecretKeyLength, pinned: true);
    private bool _disposed;

    private Keypair(ReadOnlySpan<byte> seed)
    {
        Span<byte> publicKey = stackalloc byte[PublicKey.Length];
        Sodium.SeedKeypair(seed, publicKey, _secretKey);
        PublicKey = new PublicKey(publicKey);
    }

    public PublicKey PublicKey { get; }

    public static Keypair Generate()
    {
        Span<byte> seed = stackalloc byte[SeedLength];
        RandomNumberGenerator.Fill(seed);
        var keypair = new Keypair(seed);
        CryptographicOperations.ZeroMemory(seed);
        return keypair;
    }

    /// <summary>From the 32 bytes that RFC 8032 calls the private key.</summary>
    /// <exception cref="ArgumentException">Not 32 bytes.</exception>
    public static Keypair FromSeed(ReadOnlySpan<byte> seed) => seed.Length == SeedLength
        ? new Keypair(seed)
        : throw new ArgumentException($"A seed has {SeedLength} bytes, not {seed.Length}.", nameof(seed));

    /// <summary>From seed and public key, 64 bytes.</summary>
    /// <exception cref="ArgumentException">Not 64 bytes, or its second half is not the public key of the first.
    /// </exception>
    public static Keypair FromSecretKey(ReadOnlySpan<byte> secretKey)
    {
        if (secretKey.Length != SecretKeyLength)
        {
            throw new ArgumentException(
                $"A secret key has {SecretKeyLength} bytes, not {secretKey.Length}.", nameof(secretKey));
        }

        var keypair = new Keypair(secretKey[..SeedLength]);
        if (keypair.PublicKey.Span.SequenceEqual(secretKey[SeedLength..]))
        {
            return keypair;
        }

        keypair.Dispose();
        throw new ArgumentException("The secret key's public half does not belong to its seed.", nameof(secretKey));
    }

    /// <summary>Reads Solana's key file (a JSON array of 64 numbers).</summary>
    /// <exception cref="KeypairFileException">Missing, readable by others than its owner, or not a key file.
    /// </exception>
    public static Keypair Load(string path) => KeypairFile.Load(path);

    public Signature Sign(ReadOnlySpan<byte> message)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Span<byte> signature = stackalloc byte[Signature.Length];
        Sodium.Sign(message, _secretKey, signature);
        return new Signature(signature);
    }

    /// <summary>Seed and public key, for whoever may have them; the caller wipes the 64 bytes.</summary>
    public void WriteSecretKey(Span<byte> destination)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _secretKey.CopyTo(destination);
    }

    /// <summary>Writes Solana's key file with mode 600. It is complete or absent, also after a crash, and an existing
    /// file is never replaced.</summary>
    /// <exception cref="KeypairFileException">The file exists, or cannot be written.</exception>
    public void Save(string path)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        KeypairFile.Save(path, _secretKey);
    }

    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_secretKey);
    }

    /// <summary>The public key; nothing of the secret.</summary>
    public override string ToString() => PublicKey.ToString();
}
