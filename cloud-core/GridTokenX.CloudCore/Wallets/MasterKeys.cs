using System.Security.Cryptography;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.CloudCore.Wallets;

/// <summary>
/// A key that encrypts the seeds of managed wallets. Its id names it in the database, and says nothing about it.
/// </summary>
internal sealed class MasterKey : IDisposable
{
    internal const int IdLength = 8;

    private readonly byte[] _key = GC.AllocateArray<byte>(XChaCha20Poly1305.KeyLength, pinned: true);

    /// <summary>Takes the bytes over, and wipes them.</summary>
    internal MasterKey(byte[] bytes)
    {
        bytes.CopyTo(_key, 0);
        CryptographicOperations.ZeroMemory(bytes);
        Id = HMACSHA256.HashData(_key, "GTX/wallet-master/v1"u8)[..IdLength];
    }

    internal byte[] Id { get; }

    internal bool HasId(ReadOnlySpan<byte> id) => id.SequenceEqual(Id);

    internal byte[] Seal(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> associated) =>
        XChaCha20Poly1305.Encrypt(_key, seed, associated);

    /// <exception cref="CryptographicException">Sealed by another key, or for another user or wallet.</exception>
    internal void Open(ReadOnlySpan<byte> box, ReadOnlySpan<byte> associated, Span<byte> seed) =>
        XChaCha20Poly1305.Decrypt(_key, box, associated, seed);

    public void Dispose() => CryptographicOperations.ZeroMemory(_key);
}

/// <summary>
/// The master key in the key folder, made on the first start. To change it, the operator stops the cloud core, renames
/// the file to <c>wallet-master.old</c>, and starts again: a new key is made, every wallet is sealed anew with it, and
/// the old file is deleted when nothing needs it any more (<see cref="WalletResealing"/>).
/// </summary>
internal sealed class MasterKeys : IDisposable
{
    private const string CurrentFile = "wallet-master.key";
    private const string PreviousFile = "wallet-master.old";

    public MasterKeys(CloudOptions options)
    {
        PreviousPath = Path.Combine(options.KeyFolder, PreviousFile);
        Current = new MasterKey(
            SecretFile.ReadOrCreate(Path.Combine(options.KeyFolder, CurrentFile), XChaCha20Poly1305.KeyLength));
        if (File.Exists(PreviousPath))
        {
            Previous = new MasterKey(SecretFile.ReadOrCreate(PreviousPath, XChaCha20Poly1305.KeyLength));
        }
    }

    internal MasterKey Current { get; }

    /// <summary>Null unless the key is being changed.</summary>
    internal MasterKey? Previous { get; }

    internal string PreviousPath { get; }

    /// <exception cref="CryptographicException">None of the keys has this id.</exception>
    internal MasterKey WithId(ReadOnlySpan<byte> id)
    {
        if (Current.HasId(id))
        {
            return Current;
        }

        return Previous is { } previous && previous.HasId(id)
            ? previous
            : throw new CryptographicException("The wallet's master key is not in the key folder.");
    }

    public void Dispose()
    {
        Current.Dispose();
        Previous?.Dispose();
    }
}
