using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Trading;
using Npgsql;

namespace GridTokenX.CloudCore.Clearing;

/// <summary>
/// What a refused settlement means. A settlement that went through says so by its event (<see cref="OrderEvents"/>).
/// </summary>
internal sealed class SettlementEffect(
    IChainOutbox outbox, TimeProvider marketTime, ILogger<SettlementEffect> logger) : IChainEffect
{
    public bool Handles(ChainIntent intent) => intent is SettleTrade;

    public Task ConfirmedAsync(
        NpgsqlTransaction transaction, IReadOnlyList<ConfirmedIntent> intents, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    /// <summary>Anything else may be wrong for a while only: both sides' escrow waits.</summary>
    public async Task<bool> RefusedAsync(
        NpgsqlTransaction transaction, ChainIntent intent, string error, CancellationToken cancellationToken)
    {
        if (!Refusals.IsFinalForSettlement(error))
        {
            return false;
        }

        var failure = OrderReason.OfRefusal(error);
        if (await SettlementRecords.FailAsync(
            transaction, outbox, intent.Id, failure, marketTime.GetUtcNow(), cancellationToken))
        {
            Log.SettlementFailed(logger, intent.Id, failure);
        }

        return true;
    }

    /// <summary>It stays pending: somebody repairs what is wrong and sends it again, or the orders expire on chain.
    /// </summary>
    public Task ParkedAsync(NpgsqlTransaction transaction, ChainIntent intent, CancellationToken cancellationToken) =>
        Task.CompletedTask;
}
