using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Market.Effects;
using GridTokenX.Programs.Events;
using GridTokenX.Protocol.Units;
using Npgsql;

namespace GridTokenX.CloudCore.Effects;

/// <summary>
/// Owners who retire GRID by themselves, with wallets of their own: it stands for what they owe, the oldest debt first;
/// what is more is recorded as voluntary. What the outbox retired for a managed wallet is told by
/// <see cref="RetireEffect"/>.
/// </summary>
internal sealed class OwnBurns : IChainEventEffect
{
    // Debts are taken in so many at a time, as far as the amount goes.
    private const int BatchSize = 500;

    private sealed record Debt(Guid MatchId, WattHours Open);

    public bool Handles(ProgramEvent @event) => @event is TokensRetired { Amount: > 0 };

    public async Task ApplyAsync(
        UnitOfWork unit, IReadOnlyList<IndexedEvent> events, bool isRoomy, CancellationToken cancellationToken)
    {
        foreach (var indexed in events)
        {
            await ApplyAsync(unit.Transaction, indexed, (TokensRetired)indexed.Event, cancellationToken);
        }
    }

    private static async Task ApplyAsync(
        NpgsqlTransaction transaction, IndexedEvent indexed, TokensRetired retired, CancellationToken cancellationToken)
    {
        var wallet = retired.Owner.ToArray();
        var isNew = await transaction.ExecuteAsync(
            """
            insert into own_burns (signature, position, wallet, amount, slot)
            select @Signature, @Position, @wallet, @amount, @Slot
            where exists (select from users where wallet = @wallet)
              and not exists (
                select from chain_outbox where tx_signature = @Signature and kind = 'retire_energy')
            on conflict do nothing
            """,
            new { indexed.Signature, indexed.Position, wallet, amount = (decimal)retired.Amount, indexed.Slot },
            cancellationToken) == 1;
        var left = isNew ? retired.Amount : 0;
        while (left >= WattHours.GridBaseUnitsPerWh)
        {
            var debts = await transaction.QueryAsync<Debt>(
                """
                select e.match_id, e.burn_wh - e.burned_wh as open
                from match_effects e
                join users u on u.id = e.buyer_id
                join matches m on m.id = e.match_id
                where u.wallet = @wallet and e.burn = 'due'
                order by m.sequence limit @BatchSize for update of e
                """,
                new { wallet, BatchSize },
                cancellationToken);
            if (debts.Count == 0)
            {
                return;
            }

            var covered = BurnLedger.Cover(left, [.. debts.Select(static debt => debt.Open)]);
            _ = await CoverAsync(transaction, indexed, debts, covered, cancellationToken);
            left -= covered.Aggregate(0UL, static (sum, energy) => sum + energy.ToGridBaseUnits());
        }
    }

    private static Task<int> CoverAsync(
        NpgsqlTransaction transaction,
        IndexedEvent indexed,
        IReadOnlyList<Debt> debts,
        IReadOnlyList<WattHours> covered,
        CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            update match_effects e
            set burned_wh = burned_wh + c.energy,
                burn = case when burned_wh + c.energy = burn_wh then 'retired' else burn end
            from unnest(@matches, @energies) as c (id, energy)
            where e.match_id = c.id and c.energy > 0;

            update own_burns set due_wh = due_wh + @energy where signature = @Signature and position = @Position;
            """,
            new
            {
                indexed.Signature,
                indexed.Position,
                matches = debts.Select(static debt => debt.MatchId).ToArray(),
                energies = covered.Select(static energy => energy.Value).ToArray(),
                energy = covered.Sum(static energy => energy.Value),
            },
            cancellationToken);
}
