using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Programs;
using Npgsql;

namespace GridTokenX.CloudCore.Effects;

/// <summary>
/// What becomes of a managed wallet's burn. One that the wallet cannot pay, since its owner has sold the energy on or
/// moved it, stays due.
/// </summary>
internal sealed class RetireEffect : IChainEffect
{
    public bool Handles(ChainIntent intent) => intent is RetireEnergy;

    public Task ConfirmedAsync(
        NpgsqlTransaction transaction, IReadOnlyList<ConfirmedIntent> intents, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            update match_effects set burn = 'retired' where match_id = any(@matches) and burn in ('requested', 'due')
            """,
            new { matches = intents.Select(static intent => ((RetireEnergy)intent.Intent).Match).ToArray() },
            cancellationToken);

    public async Task<bool> RefusedAsync(
        NpgsqlTransaction transaction, ChainIntent intent, string error, CancellationToken cancellationToken)
    {
        if (error is not (nameof(ProgramError.InsufficientBalance) or nameof(ProgramError.InvalidAccountOwner)
            or nameof(ProgramError.InvalidTokenAccount)))
        {
            return false;
        }

        _ = await DueAsync(transaction, (RetireEnergy)intent, cancellationToken);
        return true;
    }

    public Task ParkedAsync(NpgsqlTransaction transaction, ChainIntent intent, CancellationToken cancellationToken) =>
        DueAsync(transaction, (RetireEnergy)intent, cancellationToken);

    private static Task<int> DueAsync(
        NpgsqlTransaction transaction, RetireEnergy retire, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            "update match_effects set burn = 'due' where match_id = @Match and burn = 'requested'",
            new { retire.Match },
            cancellationToken);
}
