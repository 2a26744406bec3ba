using System.Security.Cryptography;
using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Keys;
using GridTokenX.Solana;
using Npgsql;

namespace GridTokenX.CloudCore.Wallets;

/// <summary>A new managed wallet: its address, and its seed as only the master key opens it.</summary>
internal sealed record SealedWallet(Key32 Wallet, byte[] SealedSeed, byte[] MasterKey);

/// <summary>
/// Wallets whose keys the server holds. A seed is in clear only for the moment of its use, in memory that is wiped
/// afterwards; it is never logged. A box opens only for the user and the wallet it was made for, so rows cannot be
/// exchanged in the database.
/// </summary>
internal sealed class ManagedWallets(NpgsqlDataSource database, MasterKeys keys)
{
    private sealed record Row(Guid UserId, Key32 Wallet, byte[] SealedSeed, byte[] MasterKey);

    internal SealedWallet Create(Guid user)
    {
        Span<byte> seed = stackalloc byte[Keypair.SeedLength];
        RandomNumberGenerator.Fill(seed);
        try
        {
            using var keypair = Keypair.FromSeed(seed);
            var wallet = keypair.PublicKey.ToKey32();
            return new SealedWallet(
                wallet, keys.Current.Seal(seed, AssociatedData(user, wallet)), keys.Current.Id);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    internal static Task InsertAsync(
        NpgsqlTransaction transaction, SealedWallet wallet, DateTimeOffset now, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            insert into managed_wallets (wallet, sealed_seed, master_key, created_at)
            values (@Wallet, @SealedSeed, @MasterKey, @now)
            """,
            new { wallet.Wallet, wallet.SealedSeed, wallet.MasterKey, now },
            cancellationToken);

    /// <summary>The key of the wallet, to be disposed at once; null when the wallet is not a managed one.</summary>
    /// <exception cref="CryptographicException">The row was tampered with, or its master key is not here.</exception>
    internal async Task<Keypair?> OpenAsync(Key32 wallet, CancellationToken cancellationToken) =>
        await database.FirstOrDefaultAsync<Row>(
            """
            select u.id as user_id, w.wallet, w.sealed_seed, w.master_key
            from managed_wallets w join users u on u.wallet = w.wallet
            where w.wallet = @wallet
            """,
            new { wallet },
            cancellationToken) is { } row ? Open(row) : null;

    /// <summary>Seals up to a number of wallets with the current master key; how many it did.</summary>
    internal Task<int> ResealAsync(int most, CancellationToken cancellationToken) => database.TransactAsync(
        async unit =>
        {
            var rows = await unit.Transaction.QueryAsync<Row>(
                """
                select u.id as user_id, w.wallet, w.sealed_seed, w.master_key
                from managed_wallets w join users u on u.wallet = w.wallet
                where w.master_key <> @current
                order by w.wallet limit @most for update of w
                """,
                new { current = keys.Current.Id, most },
                cancellationToken);
            foreach (var row in rows)
            {
                _ = await unit.Transaction.ExecuteAsync(
                    "update managed_wallets set sealed_seed = @box, master_key = @current where wallet = @Wallet",
                    new { box = Reseal(row), current = keys.Current.Id, row.Wallet },
                    cancellationToken);
            }

            return rows.Count;
        },
        cancellationToken);

    private Keypair Open(Row row)
    {
        Span<byte> seed = stackalloc byte[Keypair.SeedLength];
        try
        {
            OpenSeed(row, seed);
            return Keypair.FromSeed(seed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    private byte[] Reseal(Row row)
    {
        Span<byte> seed = stackalloc byte[Keypair.SeedLength];
        try
        {
            OpenSeed(row, seed);
            return keys.Current.Seal(seed, AssociatedData(row.UserId, row.Wallet));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    private void OpenSeed(Row row, Span<byte> seed) =>
        keys.WithId(row.MasterKey).Open(row.SealedSeed, AssociatedData(row.UserId, row.Wallet), seed);

    private static byte[] AssociatedData(Guid user, Key32 wallet) =>
        [.. user.ToByteArray(bigEndian: true), .. wallet.ToArray()];
}
