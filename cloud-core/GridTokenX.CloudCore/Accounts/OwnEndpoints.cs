using System.Globalization;
using GridTokenX.CloudCore.Api;
using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Registration;
using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Wallets;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Units;
using Npgsql;

namespace GridTokenX.CloudCore.Accounts;

/// <summary>
/// The caller's own lists, newest first, page by page. An operator may name whose he wants to see.
/// </summary>
internal static class OwnEndpoints
{
    private const int MaxRows = 500;
    private const int DefaultRows = 100;

    private delegate Task<IReadOnlyList<Own<T>>> Load<T>(
        NpgsqlDataSource database, Guid[] users, long before, int limit, CancellationToken cancellationToken);

    internal static void Map(IEndpointRouteBuilder routes)
    {
        _ = routes.MapGet("/api/trading/orders", OrdersAsync).RequireWallet();
        _ = routes.MapGet("/api/settlements", SettlementsAsync).RequireWallet();
        _ = routes.MapGet("/api/locks", LocksAsync).RequireWallet();
        _ = routes.MapGet("/api/mints", MintsAsync).RequireWallet();
        _ = routes.MapGet("/api/meters", MetersAsync).RequireWallet();
        _ = routes.MapGet("/api/balances", BalancesAsync).RequireWallet();
        _ = routes.MapGet("/api/readings", OwnReadings.ListAsync).RequireWallet();
    }

    internal static IResult? FaultOf(int? limit, int most) => limit is null || (limit >= 1 && limit <= most)
        ? null
        : Problems.Of(
            ProblemCodes.MalformedRequest,
            string.Create(CultureInfo.InvariantCulture, $"limit goes from 1 to {most}."));

    private static Task<IResult> OrdersAsync(
        string? wallet,
        string? cursor,
        int? limit,
        HttpContext context,
        NpgsqlDataSource database,
        CancellationToken cancellationToken) => ListAsync<OrderView>(
            context,
            database,
            new Page("orders", wallet, cursor, limit),
            OwnRecords.OrdersAsync,
            static (orders, next) => Results.Ok(new OwnOrderList(orders, next)),
            cancellationToken);

    private static Task<IResult> SettlementsAsync(
        string? wallet,
        string? cursor,
        int? limit,
        HttpContext context,
        NpgsqlDataSource database,
        CancellationToken cancellationToken) => ListAsync<SettlementView>(
            context,
            database,
            new Page("settlements", wallet, cursor, limit),
            OwnRecords.SettlementsAsync,
            static (settlements, next) => Results.Ok(new SettlementList(settlements, next)),
            cancellationToken);

    private static Task<IResult> LocksAsync(
        string? wallet,
        string? cursor,
        int? limit,
        HttpContext context,
        NpgsqlDataSource database,
        CancellationToken cancellationToken) => ListAsync<LockView>(
            context,
            database,
            new Page("locks", wallet, cursor, limit),
            OwnRecords.LocksAsync,
            static (locks, next) => Results.Ok(new LockList(locks, next)),
            cancellationToken);

    private static Task<IResult> MintsAsync(
        string? wallet,
        string? cursor,
        int? limit,
        HttpContext context,
        NpgsqlDataSource database,
        CancellationToken cancellationToken) => ListAsync<MintView>(
            context,
            database,
            new Page("mints", wallet, cursor, limit),
            ReadMintsAsync,
            static (mints, next) => Results.Ok(new MintList(mints, next)),
            cancellationToken);

    private static async Task<IResult> MetersAsync(
        string? wallet,
        HttpContext context,
        NpgsqlDataSource database,
        IPairings pairings,
        CancellationToken cancellationToken)
    {
        var (user, problem) = await Whose.ReadAsync(context, database, wallet, cancellationToken);
        return problem ?? Results.Ok(new MeterList(
            await Meters.OfOwnerAsync(database, pairings, user, cancellationToken)));
    }

    private static async Task<IResult> BalancesAsync(
        HttpContext context, IEnergyChain chain, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var key = context.Caller().Key;
        var wallet = (await database.FindUserAsync(key, cancellationToken))?.Wallet ?? key;
        return await WalletEndpoints.BalancesAsync(wallet.ToString(), context, chain, database, cancellationToken);
    }

    private static async Task<IResult> ListAsync<T>(
        HttpContext context,
        NpgsqlDataSource database,
        Page page,
        Load<T> load,
        Func<IReadOnlyList<T>, string?, IResult> answer,
        CancellationToken cancellationToken)
    {
        long[] before = [long.MaxValue];
        if (FaultOf(page.Limit, MaxRows) is { } fault)
        {
            return fault;
        }

        if (!Cursor.TryRead(page.Cursor, page.List, before))
        {
            return Problems.Of(ProblemCodes.MalformedRequest, "cursor is not one of this list.");
        }

        var (user, problem) = await Whose.ReadAsync(context, database, page.Wallet, cancellationToken);
        if (problem is not null)
        {
            return problem;
        }

        var limit = page.Limit ?? DefaultRows;
        var rows = await load(database, [user], before[0], limit + 1, cancellationToken);
        var next = rows.Count > limit ? Cursor.Of(page.List, rows[limit - 1].Position) : null;
        return answer([.. rows.Take(limit).Select(static row => row.View)], next);
    }

    /// <summary>A mint is counted from the first of its owner: nothing is ever put in between.</summary>
    private static async Task<IReadOnlyList<Own<MintView>>> ReadMintsAsync(
        NpgsqlDataSource database, Guid[] users, long before, int limit, CancellationToken cancellationToken) =>
        [.. (await database.QueryAsync<MintRow>(
            """
            select * from (
                select i.owner_id as owner, i.id, i.meter_id, i.to_net_wh - i.from_net_wh as energy, i.status,
                       i.tx_signature, i.created_at, i.completed_at,
                       row_number() over (order by i.created_at, i.id) as position
                from mints i join meters m on m.meter_id = i.meter_id
                where m.owner_id = any(@users)) numbered
            where position < @before order by position desc limit @limit
            """,
            new { users, before, limit },
            cancellationToken)).Select(static row => new Own<MintView>(row.Owner, row.Position, row.ToView()))];

    private sealed record Page(string List, string? Wallet, string? Cursor, int? Limit);

    private sealed record MintRow
    {
        public required Guid Owner { get; init; }

        public required long Position { get; init; }

        public required Guid Id { get; init; }

        public required string MeterId { get; init; }

        public required WattHours Energy { get; init; }

        public required string Status { get; init; }

        public required string? TxSignature { get; init; }

        public required DateTimeOffset CreatedAt { get; init; }

        public required DateTimeOffset? CompletedAt { get; init; }

        internal MintView ToView() =>
            new(Id, MeterId, Energy.ToKwh(), Status, TxSignature, CreatedAt, CompletedAt);
    }
}
