using System.Net;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using Npgsql;

namespace GridTokenX.CloudCore.Tests.Accounts;

public sealed class AuditTests : IAsyncLifetime
{
    private CloudHost _host = null!;

    public async Task InitializeAsync() => _host = await CloudHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task What_an_operator_changes_is_written_down_before_and_after()
    {
        using var gateway = SigningKey.Generate();
        await _host.PostAsync(
            _host.OperatorKey, "/api/gateways", new RegisterGatewayRequest(gateway.PublicKey, "Gateway"))
            .ShouldBeStatusAsync(HttpStatusCode.OK);
        await _host.PostAsync(
            _host.OperatorKey, "/api/gateways", new RegisterGatewayRequest(gateway.PublicKey, string.Empty))
            .ShouldBeStatusAsync(HttpStatusCode.BadRequest);
        var entries = await EntriesAsync();
        entries.Select(static entry => entry.Number).ShouldBe([4, 3, 2, 1]);
        entries.ShouldAllBe(entry => entry.Actor == _host.OperatorKey.ToString()
            && entry.Action == "POST /api/gateways" && entry.Address == "127.0.0.1");
        entries[3].Detail.ShouldStartWith("body ");
        entries[2].Detail.ShouldBe("answered 200");
        entries[0].Detail.ShouldBe("answered 400");
    }

    [Fact]
    public async Task Sign_ins_roles_and_key_exports_are_written_down()
    {
        using var home = await VirtualHome.RegisteredAsync(_host, wallet: "managed");
        await _host.PostAsync(home.Wallet, "/api/wallets/export", new RefreshRequest())
            .ShouldBeStatusAsync(HttpStatusCode.OK);
        using var visitor = new Visitor(_host);
        await visitor.SignInAsync(home.Wallet);
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/api/admin/users/{home.UserId}/roles")
        {
            Content = System.Net.Http.Json.JsonContent.Create(
                new RolesRequest(["operator"]), ProtocolJson.Default.RolesRequest),
        };
        await _host.Client(_host.OperatorKey).SendAsync(request).ShouldBeStatusAsync(HttpStatusCode.OK);
        var actions = (await EntriesAsync()).Select(static entry => entry.Action).ToList();
        actions.ShouldContain("wallet_export");
        actions.ShouldContain("sign_in");
        actions.ShouldContain("roles");
    }

    [Fact]
    public async Task The_database_refuses_to_change_it()
    {
        await WriteAsync(2);
        foreach (var sql in new[]
        {
            "update audit_log set detail = 'x'",
            "delete from audit_log",
            "truncate audit_log",
        })
        {
            (await Should.ThrowAsync<PostgresException>(() => ExecuteAsync(sql))).SqlState.ShouldBe("42501");
        }

        (await VerifyAsync()).ShouldSatisfyAllConditions(
            static report => report.Intact.ShouldBeTrue(), static report => report.Entries.ShouldBe(4));
    }

    [Theory]
    [InlineData("update audit_log set detail = 'nothing' where number = 3", 3)]
    [InlineData("update audit_log set at = at + interval '1 microsecond' where number = 2", 2)]
    [InlineData("update audit_log set detail = null where number = 1", 1)]
    [InlineData("update audit_log set subject = subject || 'x', hash = sha256('x') where number = 4", 4)]
    [InlineData("delete from audit_log where number = 2", 2)]
    [InlineData("update audit_log set number = number + 100 where number = 6", 6)]
    [InlineData("update audit_log set seal = sha256(hash) where number = 5", 5)]
    public async Task Whoever_gets_past_the_trigger_is_found_out(string sql, long brokenAt)
    {
        await WriteAsync(3);
        await ExecuteAsync($"alter table audit_log disable trigger user; {sql}");
        var report = await VerifyAsync();
        (report.Intact, report.BrokenAt).ShouldBe((false, brokenAt));
    }

    [Fact]
    public async Task Many_at_once_make_one_chain()
    {
        using var gateway = SigningKey.Generate();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _host.PostAsync(
            _host.OperatorKey, "/api/gateways", new RegisterGatewayRequest(gateway.PublicKey, "Gateway"))
            .ShouldBeStatusAsync(HttpStatusCode.OK)));
        var report = await VerifyAsync();
        (report.Intact, report.Entries).ShouldBe((true, 40));
    }

    [Fact]
    public async Task It_is_read_page_by_page()
    {
        await WriteAsync(3);
        var numbers = new List<long>();
        string? cursor = null;
        do
        {
            var behind = cursor is null ? string.Empty : $"&cursor={cursor}";
            var page = await _host.GetAsync(_host.OperatorKey, $"/api/operator/audit?limit=4{behind}")
                .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.AuditPage);
            numbers.AddRange(page.Entries.Select(static entry => entry.Number));
            cursor = page.Next;
        }
        while (cursor is not null);
        numbers.ShouldBe([6, 5, 4, 3, 2, 1]);
    }

    private async Task WriteAsync(int times)
    {
        using var gateway = SigningKey.Generate();
        for (var i = 0; i < times; i++)
        {
            await _host.PostAsync(
                _host.OperatorKey, "/api/gateways", new RegisterGatewayRequest(gateway.PublicKey, $"Gateway {i}"))
                .ShouldBeStatusAsync(HttpStatusCode.OK);
        }
    }

    private Task<AuditReport> VerifyAsync() => _host.GetAsync(_host.OperatorKey, "/api/operator/audit/verify")
        .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.AuditReport);

    private async Task<IReadOnlyList<AuditEntryView>> EntriesAsync() =>
        (await _host.GetAsync(_host.OperatorKey, "/api/operator/audit")
            .ShouldBeAsync(HttpStatusCode.OK, ProtocolJson.Default.AuditPage)).Entries;

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _host.Database.CreateCommand(sql);
        _ = await command.ExecuteNonQueryAsync();
    }
}
