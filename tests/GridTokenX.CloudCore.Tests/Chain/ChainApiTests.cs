using System.Net;
using System.Net.Http.Json;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Http;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using GridTokenX.Testing;
using Microsoft.AspNetCore.Builder;
using Npgsql;

namespace GridTokenX.CloudCore.Tests.Chain;

public sealed class ChainApiTests(LocalnetFixture fixture) : IClassFixture<LocalnetFixture>, IAsyncLifetime
{
    private readonly SigningKey _operator = SigningKey.Generate();
    private readonly SigningKey _wallet = SigningKey.Generate();
    private readonly List<HttpClient> _clients = [];
    private WebApplication _host = null!;
    private NpgsqlDataSource _source = null!;

    public async Task InitializeAsync()
    {
        var database = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        _source = NpgsqlDataSource.Create(database);
        _host = CloudCoreHost.Build(
            [
                "--urls=http://127.0.0.1:0",
                $"--Cloud:Database={database}",
                $"--Cloud:KeyFolder={fixture.Chain.KeyFolder}",
                $"--Cloud:OperatorKey={_operator.PublicKey}",
                "--Cloud:GrantsEnabled=true",
                $"--Solana:RpcUrl={fixture.Chain.Localnet.RpcUrl}",
                $"--Solana:WsUrl={fixture.Chain.Localnet.PubSubUrl}",
                "--Solana:AirdropIfPoor=true",
                "--Solana:BaseBackoff=00:00:00.020",
                "--Logging:LogLevel:Default=None",
            ],
            TimeProvider.System);
        await _host.StartAsync();
        await Eventually.HoldsAsync(async () =>
            (await ClientOf(null).GetAsync("/api/chain")).StatusCode == HttpStatusCode.OK);
    }

    public async Task DisposeAsync()
    {
        await _host.StopAsync();
        await _host.DisposeAsync();
        await _source.DisposeAsync();
        _clients.ForEach(static client => client.Dispose());
    }

    [Fact]
    public async Task Anybody_may_ask_what_the_chain_is()
    {
        var info = await ReadAsync<ChainInfo>(await ClientOf(null).GetAsync("/api/chain"));
        info.RpcUrl.ShouldBe(fixture.Chain.Localnet.RpcUrl.ToString());
        info.FeeBasisPoints.ShouldBe(100);
        info.GridMint.ShouldNotBe(info.GrxMint);
        info.Trading.ToString().ShouldBe(ProgramFiles.Trading);
        (info.MinPrice, info.SettlementGraceSeconds).ShouldBe((1, 86_400));
    }

    [Fact]
    public async Task A_grant_reaches_the_wallet_and_the_same_key_grants_it_once()
    {
        var first = await GrantAsync(_operator, "grant-1", 12.5m);
        first.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var grant = await ReadAsync<GrantView>(first);
        grant.ShouldBe(new GrantView(grant.Id, _wallet.PublicKey, 12.5m, "pending"));
        await Eventually.HoldsAsync(async () =>
            (await ReadAsync<GrantView>(await GrantAsync(_operator, "grant-1", 12.5m))).Status == "completed");

        (await ShouldBeProblemAsync(await GrantAsync(_operator, "grant-1", 12.6m)))
            .ShouldBe(ProblemCodes.IdempotencyKeyReused);
        var report = await ReadAsync<ReconciliationReport>(
            await ClientOf(_operator).GetAsync("/api/operator/reconciliation"));
        report.Differences.ShouldNotContain(difference => difference.What.StartsWith("wallet"));
        (await CountAsync("select count(*) from chain_outbox")).ShouldBe(1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(0.0000001)]
    public async Task Absurd_amounts_are_not_granted(double amount)
    {
        (await ShouldBeProblemAsync(await GrantAsync(_operator, "grant-1", (decimal)amount)))
            .ShouldBe(ProblemCodes.InvalidAmount);
        (await CountAsync("select count(*) from grants")).ShouldBe(0);
    }

    [Fact]
    public async Task Only_the_operator_grants_and_looks_after_the_outbox()
    {
        (await ShouldBeProblemAsync(await GrantAsync(_wallet, "grant-1", 1))).ShouldBe(ProblemCodes.Forbidden);
        foreach (var path in new[] { "/api/operator/outbox", "/api/operator/reconciliation" })
        {
            (await ShouldBeProblemAsync(await ClientOf(_wallet).GetAsync(path))).ShouldBe(ProblemCodes.Forbidden);
            (await ShouldBeProblemAsync(await ClientOf(null).GetAsync(path))).ShouldBe(ProblemCodes.NotSigned);
        }
    }

    [Fact]
    public async Task A_grant_without_an_idempotency_key_is_refused() =>
        (await ShouldBeProblemAsync(await GrantAsync(_operator, null, 1)))
            .ShouldBe(ProblemCodes.IdempotencyKeyRequired);

    [Fact]
    public async Task Balances_are_for_the_wallet_itself_and_the_operator()
    {
        var path = $"/api/wallets/{_wallet.PublicKey}/balances";
        using var other = SigningKey.Generate();
        (await ShouldBeProblemAsync(await ClientOf(other).GetAsync(path))).ShouldBe(ProblemCodes.Forbidden);
        (await ShouldBeProblemAsync(await ClientOf(_wallet).GetAsync("/api/wallets/nobody/balances")))
            .ShouldBe(ProblemCodes.NotFound);
        var empty = new WalletBalances(_wallet.PublicKey, 0, 0, 0, 0);
        (await ReadAsync<WalletBalances>(await ClientOf(_wallet).GetAsync(path))).ShouldBe(empty);
        (await ReadAsync<WalletBalances>(await ClientOf(_operator).GetAsync(path))).ShouldBe(empty);
    }

    [Fact]
    public async Task What_lies_in_escrow_is_what_open_and_unsettled_orders_hold()
    {
        var wallet = Convert.ToHexString(_wallet.PublicKey.ToArray());
        await ExecuteAsync(
            $"""
            insert into users (id, name, role, wallet, access_key, verified, created_at)
            values ('{Guid.Empty}', 'A', 'prosumer', '\x{wallet}', '\x{wallet}', true, now());
            insert into orders (id, owner_id, side, zone, epoch, energy_wh, limit_price, filled_wh, settled_wh, status,
                escrow, created_at, expires_at, chain_order_id, rent_payer, chain_expires_at, fee_bps)
            select gen_random_uuid(), '{Guid.Empty}', o.side, 'Z1', 1, o.energy, o.price, o.settled, o.settled,
                'active', o.escrow, now(), now(), row_number() over (), '\x{wallet}', now(), 100
            from (values
                ('sell', 'held', 1000, 5, 0), ('sell', 'held', 1000, 5, 400), ('sell', 'releasing', 300, 5, 100),
                ('sell', 'requested', 9000, 5, 0), ('sell', 'closed', 700, 5, 600), ('buy', 'held', 1500, 3001, 0),
                ('buy', 'releasing', 1000, 3001, 667), ('buy', 'refused', 1000, 3001, 0))
                as o (side, escrow, energy, price, settled)
            """);
        var balances = await ReadAsync<WalletBalances>(
            await ClientOf(_wallet).GetAsync($"/api/wallets/{_wallet.PublicKey}/balances"));
        balances.EscrowedGrid.ShouldBe((1000 + 600 + 200) / 1000m);
        balances.EscrowedGrx.ShouldBe((4501 + (3001 - 2001)) / 1_000_000m);
    }

    [Fact]
    public async Task The_operator_sees_what_is_parked_page_by_page_and_sends_it_again()
    {
        var wallet = _wallet.PublicKey;
        await ExecuteAsync(
            $$"""
            insert into chain_outbox (intent_id, kind, intent, status, attempts, next_attempt_at, last_error,
                created_at)
            select gen_random_uuid(), 'grant_money',
                '{"kind":"grant_money","id":"{{Guid.Empty}}","wallet":"{{wallet}}","amount":5}',
                'parked', 10, now(), 'no', now() from generate_series(1, 101)
            """);
        var page = await ReadAsync<OutboxPage>(await ClientOf(_operator).GetAsync("/api/operator/outbox"));
        page.Entries.Count.ShouldBe(100);
        page.Entries[0].LastError.ShouldBe("no");
        page.Entries[0].Intent.GetProperty("amount").GetInt64().ShouldBe(5);
        var rest = await ReadAsync<OutboxPage>(
            await ClientOf(_operator).GetAsync($"/api/operator/outbox?status=parked&cursor={page.Next}"));
        rest.Next.ShouldBeNull();
        var last = rest.Entries.ShouldHaveSingleItem();

        var retried = await ClientOf(_operator).PostAsync($"/api/operator/outbox/{last.Id}/retry", null);
        (await ReadAsync<OutboxEntry>(retried)).Status.ShouldBe("pending");
        await Eventually.HoldsAsync(async () =>
            await CountAsync("select count(*) from chain_outbox where status = 'confirmed'") == 1);
        (await ShouldBeProblemAsync(await ClientOf(_operator).PostAsync($"/api/operator/outbox/{last.Id}/retry", null)))
            .ShouldBe(ProblemCodes.NotFound);
    }

    [Theory]
    [InlineData("status=lost")]
    [InlineData("cursor=-1")]
    [InlineData("cursor=x")]
    public async Task A_query_that_makes_no_sense_is_refused(string query) =>
        (await ShouldBeProblemAsync(await ClientOf(_operator).GetAsync($"/api/operator/outbox?{query}")))
            .ShouldBe(ProblemCodes.MalformedRequest);

    private async Task<HttpResponseMessage> GrantAsync(SigningKey signer, string? key, decimal amount)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/operator/grants")
        {
            Content = JsonContent.Create(
                new GrantRequest(_wallet.PublicKey, amount), ProtocolJson.Default.GrantRequest),
        };
        if (key is not null)
        {
            request.Headers.Add(SigningHandler.IdempotencyKeyHeader, key);
        }

        return await ClientOf(signer).SendAsync(request);
    }

    private HttpClient ClientOf(SigningKey? signer)
    {
        HttpMessageHandler handler = new SocketsHttpHandler();
        if (signer is not null)
        {
            handler = new SigningHandler(signer, new WallTime(TimeProvider.System), handler);
        }

        var client = new HttpClient(handler) { BaseAddress = new Uri(_host.Urls.First()) };
        _clients.Add(client);
        return client;
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response)
    {
        response.StatusCode.ShouldBeOneOf(HttpStatusCode.OK, HttpStatusCode.Accepted);
        return (T)(await response.Content.ReadFromJsonAsync(typeof(T), ProtocolJson.Default))!;
    }

    private static async Task<string> ShouldBeProblemAsync(HttpResponseMessage response)
    {
        response.IsSuccessStatusCode.ShouldBeFalse();
        return (await response.Content.ReadFromJsonAsync(ProtocolJson.Default.Problem))!.Code;
    }

    private async Task<long> CountAsync(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        _ = await command.ExecuteNonQueryAsync();
    }
}
