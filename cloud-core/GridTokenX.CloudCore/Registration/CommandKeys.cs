using System.Security.Cryptography;
using System.Text;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.CloudCore.Registration;

/// <summary>The keys that authenticate commands to devices, one per device.</summary>
public interface ICommandKeys
{
    /// <summary>32 bytes, always the same for a device.</summary>
    byte[] For(Key32 device);
}

/// <summary>The cloud's side of pairing, always the same for a device.</summary>
public interface IPairings
{
    Pairing With(Key32 device);
}

/// <summary>
/// The cloud's X25519 secret for a device is HMAC-SHA256(master, "GTX/pairing-key/v1" || device), and the command key
/// what both agree on: nothing but the master has to be kept. The master lies in the key folder and is made on the
/// first start; whoever loses it has to pair every device again.
/// </summary>
internal sealed class CommandKeys(CloudOptions options) : ICommandKeys, IPairings
{
    private const int MasterLength = 32;

    private static readonly byte[] Domain = Encoding.ASCII.GetBytes("GTX/pairing-key/v1");

    private readonly byte[] _master =
        SecretFile.ReadOrCreate(Path.Combine(options.KeyFolder, "command-master.key"), MasterLength);

    public byte[] For(Key32 device) => With(device).CommandKey;

    public Pairing With(Key32 device)
    {
        var secret = HMACSHA256.HashData(_master, Domain.Concat(device.ToArray()).ToArray());
        var pairing = Pairing.Of(secret, device);
        CryptographicOperations.ZeroMemory(secret);
        return pairing;
    }
}
