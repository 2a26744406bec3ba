using System.Security.Cryptography;
using System.Text;
using GridTokenX.CloudCore.Storage;

namespace GridTokenX.CloudCore.Accounts;

/// <summary>
/// HMAC-SHA256 with keys that are derived from one file of the key folder, a key for each purpose: what the database
/// holds can neither make a nonce nor seal an entry of the audit log.
/// </summary>
internal sealed class SessionSecrets(CloudOptions options)
{
    private const int MasterLength = 32;

    private readonly byte[] _master =
        SecretFile.ReadOrCreate(Path.Combine(options.KeyFolder, "session-master.key"), MasterLength);

    internal byte[] Mac(string purpose, ReadOnlySpan<byte> message)
    {
        var key = HMACSHA256.HashData(_master, Encoding.ASCII.GetBytes(purpose));
        return HMACSHA256.HashData(key, message);
    }
}

/// <summary>Tokens of 32 random bytes, of which only the hash is kept.</summary>
internal static class OpaqueToken
{
    internal static string New() => System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    internal static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
