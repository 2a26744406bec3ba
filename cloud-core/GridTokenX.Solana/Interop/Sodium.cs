using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GridTokenX.Solana.Interop;

/// <summary>The only native calls of this library: Ed25519 (RFC 8032) from libsodium.</summary>
[SuppressMessage("Security", "S6640", Justification = "Native calls; every length is checked before them.")]
internal static unsafe partial class Sodium
{
    public const int SeedBytes = 32;
    public const int PublicKeyBytes = 32;
    public const int SecretKeyBytes = 64;
    public const int SignatureBytes = 64;

    private const string Library = "libsodium";

    // Debian installs the versioned names only; the bare one comes with its development package.
    private static readonly string[] FileNames = ["libsodium.so.23", "libsodium.so.26", "libsodium"];

    private static readonly Lazy<bool> IsReady = new(Initialise);

    public static void SeedKeypair(ReadOnlySpan<byte> seed, Span<byte> publicKey, Span<byte> secretKey)
    {
        RequireLength(seed, SeedBytes, nameof(seed));
        RequireLength(publicKey, PublicKeyBytes, nameof(publicKey));
        RequireLength(secretKey, SecretKeyBytes, nameof(secretKey));
        _ = IsReady.Value;
        fixed (byte* pk = publicKey, sk = secretKey, from = seed)
        {
            _ = crypto_sign_ed25519_seed_keypair(pk, sk, from);
        }
    }

    public static void Sign(ReadOnlySpan<byte> message, ReadOnlySpan<byte> secretKey, Span<byte> signature)
    {
        RequireLength(secretKey, SecretKeyBytes, nameof(secretKey));
        RequireLength(signature, SignatureBytes, nameof(signature));
        _ = IsReady.Value;
        fixed (byte* sig = signature, m = message, sk = secretKey)
        {
            _ = crypto_sign_ed25519_detached(sig, null, m, (ulong)message.Length, sk);
        }
    }

    public static bool Verify(ReadOnlySpan<byte> signature, ReadOnlySpan<byte> message, ReadOnlySpan<byte> publicKey)
    {
        RequireLength(signature, SignatureBytes, nameof(signature));
        RequireLength(publicKey, PublicKeyBytes, nameof(publicKey));
        _ = IsReady.Value;
        fixed (byte* sig = signature, m = message, pk = publicKey)
        {
            return crypto_sign_ed25519_verify_detached(sig, m, (ulong)message.Length, pk) == 0;
        }
    }

    private static bool Initialise()
    {
        NativeLibrary.SetDllImportResolver(typeof(Sodium).Assembly, Resolve);
        return sodium_init() >= 0 ? true : throw new InvalidOperationException("libsodium could not be initialised.");
    }

    private static void RequireLength(ReadOnlySpan<byte> bytes, int length, string parameter)
    {
        if (bytes.Length != length)
        {
            throw new ArgumentException($"{length} bytes are needed, not {bytes.Length}.", parameter);
        }
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (!string.Equals(name, Library, StringComparison.Ordinal))
        {
            return 0;
        }

        foreach (var file in FileNames)
        {
            if (NativeLibrary.TryLoad(file, assembly, path, out var handle))
            {
                return handle;
            }
        }

        throw new DllNotFoundException("libsodium is not installed (Debian: apt-get install libsodium23).");
    }

    [LibraryImport(Library)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    private static partial int sodium_init();

    [LibraryImport(Library)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    private static partial int crypto_sign_ed25519_seed_keypair(byte* publicKey, byte* secretKey, byte* seed);

    [LibraryImport(Library)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    private static partial int crypto_sign_ed25519_detached(
        byte* signature, ulong* signatureLength, byte* message, ulong messageLength, byte* secretKey);

    [LibraryImport(Library)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    private static partial int crypto_sign_ed25519_verify_detached(
        byte* signature, byte* message, ulong messageLength, byte* publicKey);
}
