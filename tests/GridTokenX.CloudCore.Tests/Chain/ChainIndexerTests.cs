using GridTokenX.CloudCore.Chain;
using GridTokenX.Programs;
using GridTokenX.Programs.Events;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;
using GridTokenX.Testing;

namespace GridTokenX.CloudCore.Tests.Chain;

/// <summary>Whoever makes something happen on chain, and whoever is away meanwhile: it is applied here once.</summary>
public sealed class ChainIndexerTests(LocalnetFixture fixture) : IClassFixture<LocalnetFixture>, IAsyncLifetime
{
    private ChainRig _rig = null!;

    public async Task InitializeAsync() => _rig = await ChainRig.CreateAsync(fixture.Chain);

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Fact]
    public async Task What_an_owner_does_past_the_platform_is_heard()
    {
        await using var process = await _rig.StartAsync();
        var seller = await _rig.CreateSellerAsync(process, 10);
        var order = await _rig.PlaceAsync(process, seller, "sell", 10, 4_000);
        var cancel = process.Programs.Trading.CancelOrder(new OrderClosing(
            seller.PublicKey, order.ChainOrderId, OrderSide.Sell, process.Sponsor().ToPublicKey()));
        (await _rig.SendAsync(seller, cancel)).ShouldBeTrue();

        await Eventually.HoldsAsync(async () => await EventsOfAsync(seller, nameof(OrderCancelled)) == 1);
        await ShouldHaveAppliedEachOnceAsync();
    }

    [Fact]
    public async Task Killed_between_confirming_and_indexing_the_next_process_reads_it_from_the_history()
    {
        var seller = Keypair.Generate();
        await using (var sender = _rig.Create())
        {
            await sender.Sender.StartAsync(CancellationToken.None);
            await _rig.DoAsync(sender, Some.User(seller));
            (await sender.Get<OutboxTable>().CountAsync(CancellationToken.None)).Unindexed.ShouldBe(1);
        }

        await using var next = _rig.Create();
        await next.Indexer.StartAsync(CancellationToken.None);
        await _rig.UntilIdleAsync(next);
        (await EventsOfAsync(seller, nameof(UserRegistered))).ShouldBe(1);
        await ShouldHaveAppliedEachOnceAsync();
    }

    [Fact]
    public async Task What_follows_from_an_event_is_sent_at_once()
    {
        await using var sender = _rig.Create();
        await sender.Sender.StartAsync(CancellationToken.None);
        await _rig.DoAsync(sender, Some.User(Keypair.Generate()));

        await using var reader = _rig.Create();
        await reader.Indexer.StartAsync(CancellationToken.None);
        await ShouldBeWokenAsync(reader);
        await _rig.UntilIdleAsync(reader);

        await _rig.DoAsync(sender, Some.User(Keypair.Generate()));
        await ShouldBeWokenAsync(reader);

        static Task ShouldBeWokenAsync(CloudProcess process) => process.Get<ChainOutbox>()
            .WaitAsync(TimeSpan.FromHours(1), CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Ended_again_and_again_while_it_reads_nothing_is_lost_or_applied_twice()
    {
        const int Users = 200;
        const int Read = 70;
        await using var process = await _rig.StartAsync();
        await _rig.DoAsync(process, Some.User(Keypair.Generate()));
        await process.Sender.StopAsync(CancellationToken.None);
        await process.Indexer.StopAsync(CancellationToken.None);
        ChainIntent[] users = [.. Enumerable.Range(0, Users).Select(static _ => Some.User(Keypair.Generate()))];
        await _rig.EnqueueAsync(process, users);
        await _rig.ExecuteAsync("update chain_outbox set alone = true");
        await using var sender = _rig.Create();
        await sender.Sender.StartAsync(CancellationToken.None);
        await _rig.UntilStatusAsync("confirmed", users);
        for (var round = 0; round < 2; round++)
        {
            var calls = 0;
            using var rpc = new ScriptedRpc
            {
                Before = (method, _) => method == "getTransaction" && Interlocked.Increment(ref calls) > Read
                    ? throw ScriptedRpc.Lost
                    : null,
            };
            await using var dying = _rig.Create(rpc);
            await dying.Indexer.StartAsync(CancellationToken.None);
            await Eventually.HoldsAsync(() => calls > Read);
        }

        (await sender.Get<OutboxTable>().CountAsync(CancellationToken.None)).Unindexed.ShouldBeInRange(1, Users - 1);
        await using var last = _rig.Create();
        await last.Indexer.StartAsync(CancellationToken.None);
        await _rig.UntilIdleAsync(last);
        await ShouldHaveAppliedEachOnceAsync();
        foreach (var user in users)
        {
            (await _rig.CountAsync(
                "select count(*) from test_events where signature = $1", await _rig.SignatureOfAsync(user)))
                .ShouldBeGreaterThan(0);
        }
    }

    [Fact]
    public async Task Two_that_read_at_once_apply_each_event_once()
    {
        await using var first = await _rig.StartAsync();
        await using var second = await _rig.StartAsync();
        var history = second.Get<ChainHistory>();
        ChainIntent[] users = [.. Enumerable.Range(0, 60).Select(static _ => Some.User(Keypair.Generate()))];
        await _rig.EnqueueAsync(first, users);
        await Task.WhenAll(
            _rig.UntilStatusAsync("confirmed", users),
            RepeatAsync(() => history.CatchUpAsync(CancellationToken.None)),
            RepeatAsync(() => history.CatchUpAsync(CancellationToken.None)));
        await _rig.UntilIdleAsync(first);
        await ShouldHaveAppliedEachOnceAsync();
    }

    [Fact]
    public async Task An_effect_that_fails_holds_back_its_own_event_only_and_is_tried_again()
    {
        await using var process = await _rig.StartAsync();
        var (broken, whole) = (Some.User(Keypair.Generate()), Some.User(Keypair.Generate()));
        await process.Indexer.StopAsync(CancellationToken.None);
        await _rig.DoAsync(process, broken);
        await _rig.DoAsync(process, whole);
        var signature = await _rig.SignatureOfAsync(broken);

        await using var next = _rig.Create();
        next.Effect.BrokenSignatures[signature] = true;
        await next.Indexer.StartAsync(CancellationToken.None);
        await Eventually.HoldsAsync(async () => await AppliedAsync(await _rig.SignatureOfAsync(whole)) == 1);
        (await AppliedAsync(signature)).ShouldBe(0);
        (await next.Get<OutboxTable>().CountAsync(CancellationToken.None)).Unindexed.ShouldBe(1);

        _ = next.Effect.BrokenSignatures.TryRemove(signature, out _);
        _ = await next.Get<ChainEventStore>().RetryAsync(CancellationToken.None);
        (await AppliedAsync(signature)).ShouldBe(1);
        await _rig.UntilIdleAsync(next);
        await ShouldHaveAppliedEachOnceAsync();
    }

    [Fact]
    public async Task Without_pubsub_it_looks_by_itself()
    {
        await using var process = _rig.Create(null, ("Solana:WsUrl", null));
        await process.StartAsync();
        var wallet = Keypair.Generate();
        await _rig.DoAsync(process, Some.User(wallet));
        await _rig.UntilIdleAsync(process);
        (await EventsOfAsync(wallet, nameof(UserRegistered))).ShouldBe(1);
    }

    [Fact]
    public async Task Refused_transactions_and_those_that_only_name_a_program_are_no_events()
    {
        await using var process = await _rig.StartAsync();
        var wallet = await _rig.CreateUserAsync(process);
        var again = process.Programs.Registry.RegisterUser(
            wallet.PublicKey, wallet.PublicKey, UserType.Consumer);
        (await _rig.SendAsync(wallet, again)).ShouldBeFalse();
        var memo = MemoProgram.AddMemo("Program data: nothing") with
        {
            Accounts = [AccountMeta.ReadonlySigner(wallet.PublicKey)],
        };
        var transfer = SystemProgram.Transfer(wallet.PublicKey, process.Programs.Registry.Registry, 1);
        (await _rig.SendAsync(wallet, memo, transfer)).ShouldBeTrue();
        await _rig.DoAsync(process, Some.User(Keypair.Generate()));
        await _rig.UntilIdleAsync(process);
        (await EventsOfAsync(wallet, nameof(UserRegistered))).ShouldBe(1);
        (await _rig.CountAsync("select count(*) from chain_events where kind = 'user_registered'"))
            .ShouldBe(await _rig.CountAsync("select count(distinct event->>'wallet') from chain_events "
                + "where kind = 'user_registered'"));
    }

    private static async Task RepeatAsync(Func<Task<int>> read)
    {
        for (var i = 0; i < 10; i++)
        {
            _ = await read();
        }
    }

    private Task<long> AppliedAsync(string signature) =>
        _rig.CountAsync("select count(*) from test_events where signature = $1", signature);

    /// <summary>How often an effect heard of it.</summary>
    private Task<long> EventsOfAsync(Keypair wallet, string what) => _rig.CountAsync(
        """
        select count(*) from test_events t
        where t.what = $2 and exists (
            select from chain_events e
            where e.signature = t.signature and $1 in (e.event->>'owner', e.event->>'wallet'))
        """,
        wallet.PublicKey.ToString(),
        what);

    private async Task ShouldHaveAppliedEachOnceAsync() =>
        (await _rig.CountAsync("select count(*) from test_events"))
            .ShouldBe(await _rig.CountAsync("select count(*) from chain_events"));
}
