using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Wallets;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Units;
using Npgsql;

namespace GridTokenX.CloudCore.Chain;

internal static class WalletEndpoints
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
        var own = caller.Kind == CallerKind.Operator
            ? key
            : await source.OwnWalletAsync(key, caller.Key, cancellationToken);
        if (own is not { } asked)
        {
            return Problems.Of(ProblemCodes.Forbidden);
        }

        var onChain = await chain.BalancesAsync(asked, cancellationToken);
        var (grid, grx) = await EscrowedAsync(source, asked, cancellationToken);
        return Results.Ok(new WalletBalances(
            asked,
            (onChain?.GridBaseUnits ?? 0) / GridBaseUnitsPerGrid,
            onChain?.Grx.ToGrx() ?? 0,
            grid.ToKwh(),
            grx.ToGrx()));
    }

    /// <summary>What the accounts of the wallet's orders hold: all of an order that is not settled.</summary>
    private static async Task<(WattHours Grid, MicroGrx Grx)> EscrowedAsync(
        NpgsqlDataSource source, Key32 wallet, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            """
            select
                coalesce(sum(o.energy_wh - o.settled_wh) filter (where o.side = 'sell'), 0)::bigint,
                coalesce(sum(div(o.energy_wh * o.limit_price::numeric, 1000)
                    - div(o.settled_wh * o.limit_price::numeric, 1000)) filter (where o.side = 'buy'), 0)::bigint
            from orders o join users u on u.id = o.owner_id
            where u.wallet = $1 and o.escrow in ('held', 'releasing')
            """);
        command.Parameters.Add(new() { Value = wallet.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        _ = await reader.ReadAsync(cancellationToken);
        return (new WattHours(reader.GetInt64(0)), new MicroGrx(reader.GetInt64(1)));
    }
}
