using System.Security.Cryptography;
using GridTokenX.CloudCore.Accounts;
using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Solana;
using Npgsql;

namespace GridTokenX.CloudCore.Wallets;

internal static class WalletExports
{
    /// <summary>The secret of the caller's managed wallet, sealed so that only the access key opens it.</summary>
    internal static async Task<IResult> ExportAsync(
        HttpContext context,
        NpgsqlDataSource database,
        ManagedWallets wallets,
        TimeProvider time,
        AuditLog log,
        ILogger<ManagedWallets> logger,
        CancellationToken cancellationToken)
    {
        var accessKey = context.Caller().Key;
        if (await database.FindUserAsync(accessKey, cancellationToken) is not { } user)
        {
            return Problems.Of(ProblemCodes.NotFound, "Nobody is registered with this key.");
        }

        using var keypair = await wallets.OpenAsync(user.Wallet, cancellationToken);
        if (keypair is null)
        {
            return Problems.Of(ProblemCodes.WalletNotManaged);
        }

        // What cannot be written down is not handed out.
        var now = time.GetUtcNow();
        _ = await database.TransactAsync(
            async unit =>
            {
                _ = await unit.Transaction.ExecuteAsync(
                    "update managed_wallets set exported_at = @now where wallet = @Wallet",
                    new { now, user.Wallet },
                    cancellationToken);
                await log.AppendAsync(
                    unit.Transaction,
                    new AuditEvent(
                        accessKey.ToString(), "wallet_export", user.Wallet.ToString(), null, ClientAddress.Of(context)),
                    cancellationToken);
                return true;
            },
            cancellationToken);
        Log.WalletExported(logger, user.UserId, user.Wallet.ToString());
        return Results.Ok(new WalletExport(user.Wallet, Seal(keypair, accessKey), now));
    }

    private static byte[] Seal(Keypair keypair, Key32 accessKey)
    {
        Span<byte> secret = stackalloc byte[Keypair.SecretKeyLength];
        try
        {
            keypair.WriteSecretKey(secret);
            return SealedBox.Seal(accessKey, secret);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }
}
