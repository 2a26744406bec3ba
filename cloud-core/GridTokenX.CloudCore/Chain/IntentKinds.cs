using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace GridTokenX.CloudCore.Chain;

/// <summary>The stable names of intents: in the outbox and in its JSON.</summary>
public static class IntentKinds
{
    public static string KindOf(ChainIntent intent) => intent switch
    {
        RegisterUserOnChain => "register_user",
        RegisterMeterOnChain => "register_meter",
        DeactivateMeterOnChain => "deactivate_meter",
        MintEnergy => "mint_energy",
        GrantMoney => "grant_money",
        PlaceOrder => "place_order",
        ReleaseOrder => "release_order",
        SettleTrade => "settle_trade",
        RetireEnergy => "retire_energy",
        _ => throw new ArgumentOutOfRangeException(nameof(intent), intent.GetType().Name, "Not a known intent."),
    };

    /// <summary>
    /// The same id for the same cause, on every process and after every crash (UUID version 8 of a SHA-256).
    /// </summary>
    public static Guid IdOf(params ReadOnlySpan<string> cause)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[4];
        foreach (var part in cause)
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        _ = hash.GetHashAndReset(digest);
        digest[6] = (byte)((digest[6] & 0x0F) | 0x80);
        digest[8] = (byte)((digest[8] & 0x3F) | 0x80);
        return new Guid(digest[..16], bigEndian: true);
    }
}
