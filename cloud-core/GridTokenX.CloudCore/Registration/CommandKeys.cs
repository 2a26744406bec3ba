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

/// <summary>
/// HMAC-SHA256(master, "GTX/command-key/v1" || device): nothing but the master has to be kept. The master lies in
/// the key folder and is made on the first start; whoever loses it has to pair every device again.
/// </summary>
internal sealed class CommandKeys(CloudOptions options) : ICommandKeys
{
    private const int MasterLength = 32;

    private static readonly byte[] Domain = Encoding.ASCII.GetBytes("GTX/command-key/v1");

    private readonly byte[] _master =
        SecretFile.ReadOrCreate(Path.Combine(options.KeyFolder, "command-master.key"), MasterLength);

    public byte[] For(Key32 device) => HMACSHA256.HashData(_master, Domain.Concat(device.ToArray()).ToArray());
}
