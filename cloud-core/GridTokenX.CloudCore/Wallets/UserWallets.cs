using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Keys;
using Npgsql;

namespace GridTokenX.CloudCore.Wallets;

/// <summary>A user, found by the key that signs the user's requests.</summary>
internal sealed record UserWallet(Guid UserId, Key32 Wallet)
{
    /// <summary>Of a user who holds the wallet's key the access key is the wallet itself.</summary>
    internal bool IsManagedFor(Key32 accessKey) => Wallet != accessKey;
}

/// <summary>Whose wallet an access key stands for.</summary>
internal static class UserWallets
{
    /// <summary>Null when nobody is registered with this access key.</summary>
    internal static Task<UserWallet?> FindUserAsync(
        this NpgsqlDataSource database, Key32 accessKey, CancellationToken cancellationToken) =>
        database.FirstOrDefaultAsync<UserWallet>(
            "select id as user_id, wallet from users where access_key = @accessKey",
            new { accessKey },
            cancellationToken);

    /// <summary>
    /// The wallet that the caller means by an address: the caller's own by its address or by the access key, any other
    /// as it is. Null when it is not the caller's.
    /// </summary>
    internal static async Task<Key32?> OwnWalletAsync(
        this NpgsqlDataSource database, Key32 named, Key32 accessKey, CancellationToken cancellationToken)
    {
        var wallet = (await database.FindUserAsync(accessKey, cancellationToken))?.Wallet ?? accessKey;
        return named == wallet || named == accessKey ? wallet : null;
    }
}
