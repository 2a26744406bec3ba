using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Trading;
using Npgsql;

namespace GridTokenX.CloudCore.Clearing;

/// <summary>
/// What the chain's answer to a settlement means: for the settlement, its match, its two orders and its epoch.
/// </summary>
internal sealed class SettlementEffect(TimeProvider marketTime) : IChainEffect
{
    private sealed record Completed
    {
        public required Guid MatchId { get; init; }

        public required string Zone { get; init; }

        public required long Epoch { get; init; }

        public required long EnergyWh { get; init; }

        public required Guid BuyOrder { get; init; }

        public required Guid SellOrder { get; init; }
    }

    public bool Handles(ChainIntent intent) => intent is SettleTrade;

    public async Task ConfirmedAsync(
        NpgsqlTransaction transaction, IReadOnlyList<ConfirmedIntent> intents, CancellationToken cancellationToken)
    {
        var completed = await CompleteAsync(transaction, intents, cancellationToken);
        if (completed.Count > 0)
        {
            await SettleOrdersAsync(transaction, completed, cancellationToken);
            await SettleEpochsAsync(transaction, completed, cancellationToken);
        }
    }

    /// <summary>
    /// A refused settlement is tried again: both sides' escrow is there, so whatever is wrong is wrong for a while.
    /// </summary>
    public Task<bool> RefusedAsync(
        NpgsqlTransaction transaction, ChainIntent intent, string error, CancellationToken cancellationToken) =>
        Task.FromResult(false);

    public Task ParkedAsync(NpgsqlTransaction transaction, ChainIntent intent, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            "update settlements set status = 'failed' where id = @id and status = 'pending'",
            new { id = intent.Id },
            cancellationToken);

    /// <summary>Those that were not completed before.</summary>
    private Task<IReadOnlyList<Completed>> CompleteAsync(
        NpgsqlTransaction transaction, IReadOnlyList<ConfirmedIntent> intents, CancellationToken cancellationToken) =>
        transaction.QueryAsync<Completed>(
            """
            with done as (
                update settlements s
                set status = 'completed', tx_signature = answer.signature, completed_at = greatest(s.created_at, @now)
                from unnest(@ids, @signatures) as answer (id, signature)
                where s.id = answer.id and s.status <> 'completed'
                returning s.match_id, s.tx_signature)
            update matches m
            set tx_signature = done.tx_signature
            from done
            where m.id = done.match_id
            returning m.id as match_id, m.zone, m.epoch, m.energy_wh, m.buy_order, m.sell_order
            """,
            new
            {
                now = marketTime.GetUtcNow(),
                ids = intents.Select(static confirmed => confirmed.Intent.Id).ToArray(),
                signatures = intents.Select(static confirmed => confirmed.Signature).ToArray(),
            },
            cancellationToken);

    private static async Task SettleOrdersAsync(
        NpgsqlTransaction transaction, IReadOnlyList<Completed> completed, CancellationToken cancellationToken)
    {
        var energy = completed
            .SelectMany(static trade => new[] { (trade.BuyOrder, trade.EnergyWh), (trade.SellOrder, trade.EnergyWh) })
            .GroupBy(static part => part.Item1, static part => part.EnergyWh)
            .ToDictionary(static parts => parts.Key, static parts => parts.Sum());
        _ = await OrderQueries.LockAsync(transaction, energy.Keys, cancellationToken);
        _ = await transaction.ExecuteAsync(
            """
            update orders
            set settled_wh = settled_wh + part.energy,
                status = case when status = 'filled' and settled_wh + part.energy = energy_wh then 'settled'
                    else status end
            from unnest(@ids, @energies) as part (id, energy)
            where orders.id = part.id
            """,
            new { ids = energy.Keys.ToArray(), energies = energy.Values.ToArray() },
            cancellationToken);
    }

    /// <summary>
    /// The epochs are locked before their settlements are counted: of two processes with the last two settlements the
    /// later one sees both.
    /// </summary>
    private static async Task SettleEpochsAsync(
        NpgsqlTransaction transaction, IReadOnlyList<Completed> completed, CancellationToken cancellationToken)
    {
        var epochs = completed.Select(static trade => (trade.Zone, trade.Epoch)).Distinct().ToList();
        var arguments = new
        {
            zones = epochs.ConvertAll(static epoch => epoch.Zone).ToArray(),
            numbers = epochs.ConvertAll(static epoch => epoch.Epoch).ToArray(),
        };
        _ = await transaction.ExecuteAsync(
            """
            select from epochs
            where (zone, number) in (select * from unnest(@zones, @numbers))
            order by zone, number for no key update
            """,
            arguments,
            cancellationToken);
        _ = await transaction.ExecuteAsync(
            """
            update epochs e
            set status = 'settled'
            where (zone, number) in (select * from unnest(@zones, @numbers))
              and status = 'cleared'
              and not exists (
                  select from settlements s where s.zone = e.zone and s.epoch = e.number and s.status <> 'completed')
            """,
            arguments,
            cancellationToken);
    }
}
