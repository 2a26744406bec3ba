using System.Security.Cryptography;
using GridTokenX.Protocol.Interop;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Protocol.Keys;

/// <summary>
/// The cloud's side of pairing with one device (X25519, RFC 7748; layouts in <see cref="PairingBytes"/>). The device's
/// X25519 key follows from its Ed25519 key, so nothing needs to be asked of it.
/// </summary>
/// <param name="CloudKey">The cloud's X25519 public key for this device; may be seen by all.</param>
/// <param name="Code">What device and cloud both show to the installer, <c>7KQ2-M0XV-9TDA</c>.</param>
/// <param name="CommandKey">32 bytes that authenticate commands; nobody else is to know them.</param>
public sealed record Pairing(Key32 CloudKey, string Code, byte[] CommandKey)
{
    public const int SecretLength = 32;

    /// <param name="secret">The cloud's X25519 secret for this device, 32 bytes.</param>
    /// <param name="device">The device's Ed25519 key.</param>
    /// <exception cref="ArgumentException">The device's key is no point of the curve's large group.</exception>
    public static Pairing Of(ReadOnlySpan<byte> secret, Key32 device)
    {
        if (secret.Length != SecretLength)
        {
            throw new ArgumentException($"A secret has {SecretLength} bytes, not {secret.Length}.", nameof(secret));
        }

        var deviceKey = device.ToArray();
        var cloudKey = new byte[Key32.Length];
        _ = Sodium.crypto_scalarmult_curve25519_base(cloudKey, secret);

        var montgomery = new byte[Key32.Length];
        var shared = new byte[Key32.Length];
        if (Sodium.crypto_sign_ed25519_pk_to_curve25519(montgomery, deviceKey) != 0
            || Sodium.crypto_scalarmult_curve25519(shared, secret, montgomery) != 0)
        {
            throw new ArgumentException("Not the key of a device.", nameof(device));
        }

        var material = new byte[PairingBytes.KeyLength];
        PairingBytes.WriteKey(material, shared, deviceKey, cloudKey);
        var commandKey = SHA512.HashData(material)[..PairingBytes.CommandKeyLength];
        CryptographicOperations.ZeroMemory(shared);
        CryptographicOperations.ZeroMemory(material);
        return new(new Key32(cloudKey), PairingBytes.Code(CodeHash(deviceKey, cloudKey)), commandKey);
    }

    private static byte[] CodeHash(byte[] device, byte[] cloud)
    {
        var material = new byte[PairingBytes.CodeLength];
        PairingBytes.WriteCode(material, device, cloud);
        return SHA512.HashData(material);
    }
}
