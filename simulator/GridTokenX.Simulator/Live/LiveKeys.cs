using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.Simulator.Live;

/// <summary>
/// Every key of a live run, derived from one secret file with HKDF: who has the file can repeat the run, and nobody
/// else can speak for its meters.
/// </summary>
internal sealed class LiveKeys : IDisposable
{
    private readonly byte[] _secret;

    private LiveKeys(byte[] secret)
    {
        _secret = secret;
        Owner = Derive("owner", 0);
        Gateway = Derive("gateway", 0);
    }

    /// <summary>Signs for the user whose meters they all are.</summary>
    public SigningKey Owner { get; }

    /// <summary>For readings that the simulator brings over HTTP itself.</summary>
    public SigningKey Gateway { get; }

    /// <param name="file">Made with mode 600 when there is none.</param>
    /// <exception cref="FormatException">The file is none of ours.</exception>
    public static LiveKeys LoadOrCreate(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        using var root = SigningKey.LoadOrCreate(file);

        // Deterministic, so a signature under a name of its own serves as the secret that others are derived from.
        return new LiveKeys(SHA256.HashData(root.Sign("GTX/simulator/live/v1"u8)));
    }

    /// <summary>The caller's to dispose of.</summary>
    public SigningKey Device(int number) => Derive("device", number);

    public Key32 DeviceKey(int number)
    {
        using var key = Device(number);
        return key.PublicKey;
    }

    /// <summary>Tells this file's meters from another's.</summary>
    public string Prefix => Owner.PublicKey.ToString()[..6].ToLowerInvariant();

    public void Dispose()
    {
        Owner.Dispose();
        Gateway.Dispose();
        CryptographicOperations.ZeroMemory(_secret);
    }

    private SigningKey Derive(string what, int number)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{what} {number}");
        var seed = HKDF.DeriveKey(
            HashAlgorithmName.SHA256, _secret, Ed25519.SeedLength, salt: null, Encoding.ASCII.GetBytes(name));
        try
        {
            return SigningKey.FromSeed(seed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }
}
