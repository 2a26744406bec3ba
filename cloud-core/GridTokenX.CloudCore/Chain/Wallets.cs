using GridTokenX.CloudCore.Api;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Units;
using Npgsql;

namespace GridTokenX.CloudCore.Chain;

internal static class Wallets
{
    private const decimal GridBaseUnitsPerGrid = 1_000_000_000m;

    /// <summary>For the wallet itself and for the operator.</summary>
    internal static async Task<IResult> BalancesAsync(
        string wallet,
        HttpContext context,
        IEnergyChain chain,
        NpgsqlDataSource source,
        CancellationToken cancellationToken)
    {
        if (!Key32.TryParse(wallet, out var key))
        {
            return Problems.Of(ProblemCodes.NotFound);
        }

        var caller = context.Caller();
        if (caller.Kind != CallerKind.Operator && caller.Key != key)
        {
            return Problems.Of(ProblemCodes.Forbidden);
        }

        var onChain = await chain.BalancesAsync(key, cancellationToken);
        var (grid, grx) = await EscrowedAsync(source, key, cancellationToken);
        return Results.Ok(new WalletBalances(
            key,
            (onChain?.GridBaseUnits ?? 0) / GridBaseUnitsPerGrid,
            onChain?.Grx.ToGrx() ?? 0,
            grid.ToKwh(),
            grx.ToGrx(),
            onChain?.EscrowDelegated ?? false));
    }

    /// <summary>
    /// What lies in escrow for the wallet's orders: of an open order all that is not settled, of a closed one what is
    /// matched and not yet settled. An order whose deposit is still under way has nothing in escrow.
    /// </summary>
    private static async Task<(WattHours Grid, MicroGrx Grx)> EscrowedAsync(
        NpgsqlDataSource source, Key32 wallet, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            """
            with held as (
                select o.id, o.side, o.settled_wh, o.limit_price::numeric as limit_price,
                    case when o.status in ('active', 'partially_filled') then o.energy_wh else o.filled_wh end
                        as energy_wh
                from orders o join users u on u.id = o.owner_id
                where u.wallet = $1 and o.status in ('active', 'partially_filled', 'filled', 'cancelled', 'expired'))
            select
                coalesce(sum(h.energy_wh - h.settled_wh) filter (where h.side = 'sell'), 0)::bigint,
                coalesce(sum(floor(h.energy_wh * h.limit_price / 1000) - coalesce((
                    select sum(m.buyer_share_ugrx) from matches m join settlements s on s.match_id = m.id
                    where m.buy_order = h.id and s.status = 'completed'), 0)) filter (where h.side = 'buy'), 0)::bigint
            from held h where h.energy_wh > h.settled_wh
            """);
        command.Parameters.Add(new() { Value = wallet.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        _ = await reader.ReadAsync(cancellationToken);
        return (new WattHours(reader.GetInt64(0)), new MicroGrx(reader.GetInt64(1)));
    }
}
