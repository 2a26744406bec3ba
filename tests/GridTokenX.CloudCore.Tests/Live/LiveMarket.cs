using GridTokenX.Protocol.Keys;
using Npgsql;

namespace GridTokenX.CloudCore.Tests.Live;

/// <summary>Orders and trades as the market commits them, straight into the tables.</summary>
internal sealed class LiveMarket(CloudHost host, Guid owner, string zone)
{
    private static long _chainOrderIds;

    internal string Zone => zone;

    /// <summary>A zone of its own with a user of its own.</summary>
    internal static async Task<LiveMarket> StartAsync(CloudHost host, Guid? owner = null)
    {
        var zone = $"z-{Guid.NewGuid():N}"[..20];
        if (owner is null)
        {
            owner = Guid.NewGuid();
            using var key = SigningKey.Generate();
            await using var user = host.Database.CreateCommand(
                """
                insert into users (id, name, role, wallet, access_key, verified, created_at)
                values ($1, 'Live', 'prosumer', $2, $2, true, now())
                """);
            user.Parameters.Add(new() { Value = owner.Value });
            user.Parameters.Add(new() { Value = key.PublicKey.ToArray() });
            _ = await user.ExecuteNonQueryAsync();
        }

        await using var epoch = host.Database.CreateCommand(
            "insert into epochs (zone, number, starts_at, ends_at, status) values ($1, 1, now(), now(), 'active')");
        epoch.Parameters.Add(new() { Value = zone });
        _ = await epoch.ExecuteNonQueryAsync();
        return new LiveMarket(host, owner.Value, zone);
    }

    internal async Task<Guid> PlaceAsync(string side, long wh, long price, NpgsqlConnection? connection = null)
    {
        var id = Guid.NewGuid();
        await using var command = Command(
            """
            insert into orders (id, owner_id, side, zone, epoch, energy_wh, limit_price, status, escrow, created_at,
                                expires_at, chain_order_id, chain_expires_at, rent_payer, fee_bps)
            values ($1, $2, $3, $4, 1, $5, $6, 'active', 'held', now(), now(), $7, now(),
                    decode(repeat('00', 32), 'hex'), 100)
            """,
            connection);
        foreach (var value in new object[]
        {
            id, owner, side, zone, wh, price, Interlocked.Increment(ref _chainOrderIds),
        })
        {
            command.Parameters.Add(new() { Value = value });
        }

        _ = await command.ExecuteNonQueryAsync();
        return id;
    }

    /// <summary>Of every order so much more is filled, in one statement: every level changes at once.</summary>
    internal Task FillAllAsync(long wh) => ExecuteAsync(
        "update orders set filled_wh = filled_wh + $2, status = 'partially_filled' where zone = $1", null, zone, wh);

    internal Task FillAsync(Guid order, long wh, NpgsqlConnection? connection = null) => ExecuteAsync(
        """
        update orders set filled_wh = filled_wh + $2,
            status = case when filled_wh + $2 = energy_wh then 'filled' else 'partially_filled' end
        where id = $1
        """,
        connection,
        order,
        wh);

    internal Task CancelAsync(Guid order, NpgsqlConnection? connection = null) =>
        ExecuteAsync("update orders set status = 'cancelled' where id = $1", connection, order);

    internal async Task TradeAsync(Guid bid, Guid ask, long wh, long price) => await ExecuteAsync(
        """
        insert into matches (id, zone, epoch, buy_order, sell_order, energy_wh, price, value_ugrx, buyer_share_ugrx,
                             matched_at, tx_signature)
        values ($1, $2, 1, $3, $4, $5, $6, $5 * $6 / 1000, $5 * $6 / 1000, now(), 'pending')
        """,
        null,
        Guid.NewGuid(),
        zone,
        bid,
        ask,
        wh,
        price);

    /// <summary>The book by level, as the tables have it.</summary>
    internal async Task<SortedDictionary<string, string>> BookAsync()
    {
        await using var command = Command(
            """
            select side || ' ' || limit_price, sum(energy_wh - filled_wh) || ' in ' || count(*) from orders
            where zone = $1 and status in ('active', 'partially_filled') and target_order is null
            group by side, limit_price
            """,
            null);
        command.Parameters.Add(new() { Value = zone });
        await using var reader = await command.ExecuteReaderAsync();
        var book = new SortedDictionary<string, string>(StringComparer.Ordinal);
        while (await reader.ReadAsync())
        {
            book.Add(reader.GetString(0), reader.GetString(1));
        }

        return book;
    }

    private async Task ExecuteAsync(string sql, NpgsqlConnection? connection, params object[] values)
    {
        await using var command = Command(sql, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        _ = await command.ExecuteNonQueryAsync();
    }

    private NpgsqlCommand Command(string sql, NpgsqlConnection? connection) =>
        connection is null ? host.Database.CreateCommand(sql) : new NpgsqlCommand(sql, connection);
}
