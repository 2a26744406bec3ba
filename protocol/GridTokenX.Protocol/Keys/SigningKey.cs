using System.Security.Cryptography;
using GridTokenX.Protocol.Interop;

namespace GridTokenX.Protocol.Keys;

/// <summary>
/// An Ed25519 key pair. The secret leaves it only into a file of mode 600, and is wiped when disposed.
/// </summary>
public sealed class SigningKey : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly byte[] _secret = new byte[64];
    private bool _disposed;

    private SigningKey(ReadOnlySpan<byte> seed)
    {
        Span<byte> publicKey = stackalloc byte[Key32.Length];
        _ = Sodium.crypto_sign_ed25519_seed_keypair(publicKey, _secret, seed);
        PublicKey = new Key32(publicKey);
    }

    public Key32 PublicKey { get; }

    /// <exception cref="ArgumentException">Not exactly 32 bytes.</exception>
    public static SigningKey FromSeed(ReadOnlySpan<byte> seed) =>
        seed.Length == Ed25519.SeedLength
            ? new SigningKey(seed)
            : throw new ArgumentException($"A seed has {Ed25519.SeedLength} bytes, not {seed.Length}.", nameof(seed));

    public static SigningKey Generate()
    {
        Span<byte> seed = stackalloc byte[Ed25519.SeedLength];
        RandomNumberGenerator.Fill(seed);
        var key = new SigningKey(seed);
        CryptographicOperations.ZeroMemory(seed);
        return key;
    }

    /// <summary>
    /// Reads a key file: a JSON array of 64 numbers, seed then public key, as Solana's tools write it.
    /// </summary>
    /// <exception cref="UnauthorizedAccessException">Others than the owner may read the file.</exception>
    /// <exception cref="FormatException">Not such a file, or its two halves do not belong together.</exception>
    public static SigningKey Load(string path)
    {
        var mode = File.GetUnixFileMode(path);
        if ((mode & ~OwnerOnly) != UnixFileMode.None)
        {
            throw new UnauthorizedAccessException($"{path} holds a secret key: set its mode to 600 (it is {mode}).");
        }

        var bytes = KeyFile.Parse(File.ReadAllText(path), path);
        var key = new SigningKey(bytes.AsSpan(0, Ed25519.SeedLength));
        var belongsTogether = key.PublicKey == new Key32(bytes.AsSpan(Ed25519.SeedLength));
        CryptographicOperations.ZeroMemory(bytes);
        return belongsTogether
            ? key
            : throw new FormatException($"{path}: the public half does not belong to the secret half.");
    }

    /// <summary>Loads the key file, or makes one with a new key (mode 600) when there is none.</summary>
    public static SigningKey LoadOrCreate(string path)
    {
        if (File.Exists(path))
        {
            return Load(path);
        }

        var key = Generate();
        key.Save(path);
        return key;
    }

    /// <summary>Writes a new file with mode 600; never over an existing one.</summary>
    public void Save(string path)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
        {
            _ = Directory.CreateDirectory(folder);
        }

        // Written aside and moved, so that a crash leaves either no file or a whole one.
        var draft = path + ".new";
        File.Delete(draft);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerOnly,
        };
        using (var writer = new StreamWriter(new FileStream(draft, options)))
        {
            writer.Write(KeyFile.Format(_secret));
        }

        File.Move(draft, path, overwrite: false);
    }

    public byte[] Sign(ReadOnlySpan<byte> message)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var signature = new byte[Ed25519.SignatureLength];
        _ = Sodium.crypto_sign_ed25519_detached(signature, IntPtr.Zero, message, (ulong)message.Length, _secret);
        return signature;
    }

    /// <summary>The secret half in its X25519 form, 32 bytes; the caller wipes it.</summary>
    internal void WriteX25519(Span<byte> destination)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _ = Sodium.crypto_sign_ed25519_sk_to_curve25519(destination, _secret);
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_secret);
        _disposed = true;
    }

    public override string ToString() => PublicKey.ToString();
}
