using GridTokenX.CloudCore.Pricing;
using GridTokenX.CloudCore.Storage;
using GridTokenX.CloudCore.Trading;
using Npgsql;

namespace GridTokenX.CloudCore.Tests.Trading;

/// <summary>One writer a zone, whatever the processes do; and a journal that says what the book is.</summary>
public sealed class ZoneMarketTests : IAsyncLifetime
{
    private const string Zone = "zone-1";
    private static readonly CancellationToken None = CancellationToken.None;

    private MarketWorld _world = null!;
    private Trader _anna = null!;
    private Trader _boon = null!;

    public async Task InitializeAsync()
    {
        _world = await MarketWorld.StartAsync();
        _anna = await _world.TraderAsync();
        _boon = await _world.TraderAsync();
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Processes_take_turns_and_each_reads_what_the_other_has_written()
    {
        await using var other = _world.OtherDatabase();
        var second = _world.MarketsOn(other);
        for (var i = 0; i < 6; i++)
        {
            _ = await _world.ActiveAskAsync(_anna, 100, 1_000_000 + i);
            _ = await _world.ActiveBidAsync(_boon, 60, 2_000_000);
            var outcome = await (i % 2 == 0 ? _world.Markets : second).RunAsync(ZoneScope.All, None);
            outcome.Matched.ShouldBeGreaterThan(0);
        }

        (await _world.OneAsync<long>("select sum(energy_wh)::bigint from matches")).ShouldBe(360);
        (await _world.OneAsync<long>("select token from market_zones")).ShouldBe(6);
        await ShouldReplayAsync();
    }

    [Fact]
    public async Task Writer_that_was_overtaken_writes_nothing()
    {
        _ = await _world.ActiveAskAsync(_anna, 100, 1_000_000);
        _ = await _world.MatchAsync();
        var (writer, sequence) = await _world.OneAsync<(Guid, long)>("select writer, sequence from market_zones");

        // It has read the zone, and is suspended before its lock; another process claims and writes.
        await using var other = _world.OtherDatabase();
        _ = await _world.ActiveAskAsync(_anna, 100, 1_000_001);
        _ = await _world.MarketsOn(other).RunAsync(ZoneScope.All, None);

        await using var late = await _world.Database.BeginAsync(None);
        _ = await Should.ThrowAsync<FencedException>(() => ZoneRecords.MoveAsync(
            late.Transaction,
            new ZoneMove(Zone, writer, sequence, new ZonePosition(sequence + 1, 1, 1, 0), null),
            [],
            null,
            None));
        ZoneRecords.AddJournal(
            late.Writes,
            Zone,
            [new JournalLine(sequence + 1, GridTokenX.Market.Matching.BookOperation.Match(), null)],
            null);
        var doubled = await Should.ThrowAsync<PostgresException>(() => late.CommitAsync(None));
        doubled.SqlState.ShouldBe(PostgresErrorCodes.UniqueViolation);
    }

    [Fact]
    public async Task Writer_that_stands_still_in_its_transaction_is_given_up()
    {
        _ = await _world.ActiveAskAsync(_anna, 100, 1_000_000);
        await using var suspended = await _world.Database.BeginAsync(None);
        _ = await ZoneRecords.TakeAsync(
            suspended.Transaction, Zone, TimeSpan.FromMilliseconds(50), ZoneScope.All, _world.Now, 10, None);

        await using var other = _world.OtherDatabase();
        _ = await _world.MarketsOn(other).RunAsync(ZoneScope.All, None);
        (await _world.OneAsync<long>("select count(*) from orders where place is not null")).ShouldBe(1);
        var failure = await Should.ThrowAsync<NpgsqlException>(() => ZoneRecords.ClaimAsync(
            suspended.Transaction, Zone, Guid.NewGuid(), BookKind.Of(_world.Rules.Of(Zone), _world.Options),
                _world.Wall.UtcNow, None));
        failure.ShouldNotBeNull();
    }

    [Fact]
    public async Task Order_of_acceptance_follows_the_order_of_placing_not_that_of_the_chains_answers()
    {
        var early = (await _world.SellAsync(_anna, 100, 1_000_000)).Order!;
        var late = (await _world.SellAsync(await _world.TraderAsync(), 100, 1_000_000)).Order!;
        var rows = await _world.OpenRowsAsync();
        rows.Count.ShouldBe(2);
        await _world.AnswerAsync(rows[1]);
        await _world.AnswerAsync(rows[0]);
        _ = await _world.ActiveBidAsync(_boon, 100, 1_000_000);
        _ = await _world.MatchAsync();
        (await _world.StatusAsync(early.Id)).ShouldBe("filled");
        (await _world.StatusAsync(late.Id)).ShouldBe("active");
    }

    [Fact]
    public async Task Order_trades_until_the_instant_of_its_expiry_and_not_in_it()
    {
        _ = await _world.ActiveAskAsync(_anna, 100, 1_000_000, TimeSpan.FromMinutes(5));
        _ = await _world.MatchAsync();
        _ = await _world.ActiveBidAsync(_boon, 60, 1_000_000);
        _world.Time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        (await _world.MatchAsync()).ShouldBe(1);
        _ = await _world.ActiveBidAsync(_boon, 40, 1_000_000);
        _world.Time.Advance(TimeSpan.FromTicks(1));
        (await _world.MatchAsync()).ShouldBe(0);
        (await _world.QueryAsync<string>("select status from orders order by sequence"))
            .ShouldBe(["expired", "filled", "active"]);
        await ShouldReplayAsync();
    }

    [Fact]
    public async Task Row_that_somebody_changed_behind_the_book_stops_its_zone_and_changes_nothing()
    {
        var ask = await _world.ActiveAskAsync(_anna, 100, 1_000_000);
        _ = await _world.MatchAsync();
        _ = await _world.QueryAsync<int>("update orders set filled_wh = 1 where id = @ask returning 1", new { ask });
        _ = await _world.ActiveBidAsync(_boon, 100, 1_000_000);
        _ = await Should.ThrowAsync<ZonesFailedException>(_world.MatchAsync);
        (await _world.CountAsync("matches")).ShouldBe(0);

        // The book comes back from the database, which is right by definition.
        (await _world.MatchAsync()).ShouldBe(1);
        (await _world.OneAsync<long>("select energy_wh from matches")).ShouldBe(99);
    }

    [Fact]
    public async Task Cancellation_waits_for_the_writer_and_is_kept_when_it_takes_too_long()
    {
        var ask = await _world.ActiveAskAsync(_anna, 100, 1_000_000);
        var signed = _world.Signed(_anna, "k", "cancel");
        await using (var unit = await _world.Database.BeginAsync(None))
        {
            // As a process that ends between its two transactions leaves it.
            (await MarketInbox.AskForCancellationAsync(
                unit.Transaction, await _world.OrderAsync(ask), signed, None)).ShouldBeTrue();
            await unit.CommitAsync(None);
        }

        (await _world.StatusAsync(ask)).ShouldBe("active");
        (await _world.Cancellation.CancelAsync(ask, signed, None)).Order!.Status.ShouldBe("cancelled");
        (await _world.CountAsync("market_inbox")).ShouldBe(0);
    }

    [Fact]
    public async Task Exact_quantities_stay_exact_after_a_restart()
    {
        await using var world = await MarketWorld.StartAsync(market: new MarketOptions { ExactQuantity = true });
        var (anna, boon) = (await world.TraderAsync(), await world.TraderAsync());
        var ask = await world.ActiveAskAsync(anna, 100, 1_000_000);
        _ = await world.ActiveBidAsync(boon, 60, 2_000_000);
        (await world.MatchAsync()).ShouldBe(0);

        // Another process has the book from the database alone. What crosses in part still does not match.
        await using var other = world.OtherDatabase();
        var restarted = world.MarketsOn(other);
        _ = await world.ActiveBidAsync(boon, 99, 2_000_000);
        _ = await world.ActiveBidAsync(boon, 101, 2_000_000);
        (await restarted.RunAsync(ZoneScope.All, None)).Matched.ShouldBe(0);
        _ = await world.ActiveBidAsync(boon, 100, 1_500_000);
        (await restarted.RunAsync(ZoneScope.All, None)).Matched.ShouldBe(1);
        (await world.StatusAsync(ask)).ShouldBe("filled");
        (await world.OneAsync<(long, long)>("select count(*), sum(energy_wh)::bigint from matches")).ShouldBe((1, 100));
        (await world.OneAsync<string>("select mode from market_zones")).ShouldEndWith("_exact");
        await world.ShouldReplayAsync();
    }

    private async Task ShouldReplayAsync()
    {
        var outcome = await _world.ReplayAsync();
        outcome.Fault.ShouldBeNull();
        outcome.Lines.ShouldBeGreaterThan(0);
    }
}
