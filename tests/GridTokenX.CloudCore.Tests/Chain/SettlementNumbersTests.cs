using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Clearing;
using GridTokenX.Solana.Rpc;
using GridTokenX.Testing;

namespace GridTokenX.CloudCore.Tests.Chain;

/// <summary>A chain that has gone on, and a database that an older backup was restored into.</summary>
public sealed class SettlementNumbersTests(LocalnetFixture fixture) : IClassFixture<LocalnetFixture>, IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private ChainRig _rig = null!;
    private CloudProcess _process = null!;

    public async Task InitializeAsync()
    {
        _rig = await ChainRig.CreateAsync(fixture.Chain);
        _process = await _rig.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _process.DisposeAsync();
        await _rig.DisposeAsync();
    }

    [Fact]
    public async Task What_was_sent_from_here_may_be_on_chain_and_nothing_above_it()
    {
        var (sell, buy, trade) = await SettleAsync();
        var refusal = await Should.ThrowAsync<ChainSetupException>(() => Numbers().CheckAsync(None));
        refusal.Message.ShouldContain($"settlement {trade.Number} is on chain, and 0 is the last");
        _process.Get<ChainHealth>().Behind.ShouldBe(trade.Number);

        // The row of the outbox is there, signed; with the settlement's own row it is this database that sent it.
        await _rig.AddOrderAsync(await _rig.AddUserAsync(sell.Wallet), sell, _process.Sponsor());
        await _rig.AddOrderAsync(await _rig.AddUserAsync(buy.Wallet), buy, _process.Sponsor());
        await _rig.ExecuteAsync("select setval('settlements_number_seq', $1, false)", trade.Number);
        await _rig.AddSettlementAsync(sell, buy, trade, value: 45, fee: 0);
        await Numbers().CheckAsync(None);
        _process.Get<ChainHealth>().Behind.ShouldBe(0);

        await _rig.ExecuteAsync("update chain_outbox set tx_signature = null where intent_id = $1", trade.Id);
        _ = await Should.ThrowAsync<ChainSetupException>(() => Numbers().CheckAsync(None));
    }

    [Fact]
    public async Task A_cloud_core_on_an_older_database_sends_nothing_until_the_numbers_are_given_up()
    {
        var (_, _, trade) = await SettleAsync();
        var database = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        await using (var behind = await StartAsync(database))
        {
            using var home = await VirtualHome.RegisteredAsync(behind);
            await Eventually.HoldsAsync(
                async () => (await HealthAsync(behind)).Contains("older than the chain", StringComparison.Ordinal));
            (await behind.CountAsync("chain_outbox where status = 'pending'")).ShouldBePositive();
            (await behind.CountAsync("chain_outbox where tx_signature is not null")).ShouldBe(0);
        }

        // Not before the numbers are out of reach.
        var given = trade.Number.ToString(System.Globalization.CultureInfo.InvariantCulture);
        await using (var early = await StartAsync(database, given))
        {
            await Eventually.HoldsAsync(
                async () => (await HealthAsync(early)).Contains("older than the chain", StringComparison.Ordinal));
            await using var command = early.Database.CreateCommand($"select setval('settlements_number_seq', {given})");
            _ = await command.ExecuteScalarAsync();
        }

        await using var cured = await StartAsync(database, given);
        await Eventually.HoldsAsync(async () => await cured.CountAsync("chain_outbox where status = 'confirmed'") > 0);
    }

    private async Task<(PlaceOrder Sell, PlaceOrder Buy, SettleTrade Trade)> SettleAsync()
    {
        var seller = await _rig.CreateSellerAsync(_process, 10);
        var buyer = await _rig.CreateBuyerAsync(_process, 1_000);
        var sell = await _rig.PlaceAsync(_process, seller, "sell", 10, 4_000);
        var buy = await _rig.PlaceAsync(_process, buyer, "buy", 10, 5_000);
        var trade = Some.Settlement(sell, buy, 10, 4_500, _process.Sponsor());
        await _rig.DoAsync(_process, trade);
        return (sell, buy, trade);
    }

    private SettlementNumbers Numbers() => new(
        _rig.Source,
        _process.Get<SolanaRpcClient>(),
        _process.Programs,
        _process.Get<ChainHealth>(),
        _process.Get<SolanaOptions>());

    private Task<CloudHost> StartAsync(string database, string givenUp = "0") =>
        CloudHost.StartAsync(new CloudHostOptions
        {
            Database = database,
            Settings = new Dictionary<string, string>
            {
                ["Cloud:KeyFolder"] = fixture.Chain.KeyFolder,
                ["Solana:RpcUrl"] = fixture.Chain.Localnet.RpcUrl.ToString(),
                ["Solana:WsUrl"] = fixture.Chain.Localnet.PubSubUrl.ToString(),
                ["Solana:BaseBackoff"] = "00:00:00.020",
                ["Solana:MaxBackoff"] = "00:00:00.200",
                ["Solana:LostSettlements"] = givenUp,
            },
        });

    private static async Task<string> HealthAsync(CloudHost host)
    {
        using var answer = await host.GetAsync(null, "/health/ready");
        return await answer.Content.ReadAsStringAsync();
    }
}
