using System.Security.Cryptography;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Protocol.Time;
using Npgsql;

namespace GridTokenX.CloudCore.Wallets;

/// <summary>
/// After the operator has put the master key aside: seals every wallet with the new one, and then deletes the old. It
/// may be interrupted at any time; each wallet says which key opens it.
/// </summary>
internal sealed class WalletResealing(
    ManagedWallets wallets,
    MasterKeys keys,
    DatabaseReadiness readiness,
    WallTime wall,
    ILogger<WalletResealing> logger) : BackgroundService
{
    private const int BatchSize = 200;
    private static readonly TimeSpan FailureDelay = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (keys.Previous is null)
        {
            return;
        }

        await readiness.WaitAsync(stoppingToken);
        var done = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var batch = await wallets.ResealAsync(BatchSize, stoppingToken);
                done += batch;
                if (batch == 0)
                {
                    File.Delete(keys.PreviousPath);
                    Log.WalletsResealed(logger, done);
                    return;
                }
            }
            catch (CryptographicException exception)
            {
                Log.WalletLost(logger, exception);
                return;
            }
            catch (NpgsqlException exception)
            {
                Log.ResealingFailed(logger, exception, FailureDelay);
                await wall.DelayAsync(FailureDelay, stoppingToken);
            }
        }
    }
}
