using System.Security.Cryptography;
using Dapper;
using GridTokenX.CloudCore.Chain;
using GridTokenX.CloudCore.Registration;
using GridTokenX.CloudCore.Storage;
using GridTokenX.Programs;
using GridTokenX.Programs.Events;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using Microsoft.Extensions.DependencyInjection;

namespace GridTokenX.CloudCore.Tests.Registration;

public sealed class OnChainRegistrationTests(CloudFixture fixture) : IClassFixture<CloudFixture>
{
    private readonly CloudHost _host = fixture.Host;

    [Fact]
    public async Task User_and_meter_are_written_for_the_chain_once()
    {
        using var home = await VirtualHome.RegisteredAsync(_host);
        _ = await _host.PostAsync(home.Wallet, "/api/meters", home.Registration())
            .Then(ProtocolJson.Default.RegisterMeterResponse);
        (await IntentsAsync(_host, home)).ShouldBe(
        [
            new RegisterUserOnChain(home.UserId, home.Address, "prosumer"),
            new RegisterMeterOnChain(
                IntentKinds.IdOf("meter", home.MeterId),
                home.MeterId,
                home.Device.PublicKey,
                home.Address,
                CloudHost.Noon),
        ]);
    }

    [Fact]
    public async Task What_is_written_already_is_not_waited_for_while_somebody_changes_it()
    {
        using var home = await VirtualHome.RegisteredAsync(_host);
        var outbox = _host.Services.GetRequiredService<IChainOutbox>();
        await using var ticking = await _host.Database.BeginAsync(CancellationToken.None);
        (await ticking.Transaction.ExecuteAsync(
            "update chain_outbox set indexed = true where intent_id = @UserId",
            new { home.UserId },
            CancellationToken.None)).ShouldBe(1);

        _ = await _host.Database.TransactAsync(
            async unit =>
            {
                await RegistrationIntents.EnqueueAsync(
                    unit.Transaction, outbox, home.UserId, CancellationToken.None);
                return true;
            },
            CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(1));
        (await IntentsAsync(_host, home)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Stranger_costs_the_platform_nothing_before_being_verified()
    {
        await using var host = await CloudHost.StartAsync(new CloudHostOptions
        {
            Settings = new Dictionary<string, string> { ["Cloud:AutoVerifyUsers"] = "false" },
        });
        using var home = await VirtualHome.RegisteredAsync(host);
        (await host.CountAsync("chain_outbox")).ShouldBe(0);
        await host.Client(host.OperatorKey).PostAsync($"/api/users/{home.UserId}/verify", null)
            .ShouldBeStatusAsync(System.Net.HttpStatusCode.OK);
        (await IntentsAsync(host, home)).Select(static intent => intent.GetType())
            .ShouldBe([typeof(RegisterUserOnChain), typeof(RegisterMeterOnChain)]);
    }

    [Fact]
    public async Task Events_say_that_user_and_meter_are_there()
    {
        using var home = await VirtualHome.RegisteredAsync(_host);
        using var stranger = SigningKey.Generate();
        var (wallet, device) = (home.Address.ToPublicKey(), home.Device.PublicKey.ToPublicKey());

        // Another owner's or another device's meter of that name is not this one.
        await HappenedAsync(
            new MeterRegistered(home.MeterId, stranger.PublicKey.ToPublicKey(), device, 1),
            new MeterRegistered(home.MeterId, wallet, stranger.PublicKey.ToPublicKey(), 1),
            new UserRegistered(stranger.PublicKey.ToPublicKey(), UserType.Prosumer, 1));
        (await RegisteredAsync(home)).ShouldBe((false, false));
        await HappenedAsync(new UserRegistered(wallet, UserType.Prosumer, 1));
        (await RegisteredAsync(home)).ShouldBe((true, false));
        await HappenedAsync(new MeterRegistered(home.MeterId, wallet, device, 1));
        (await RegisteredAsync(home)).ShouldBe((true, true));
    }

    [Fact]
    public async Task What_was_there_from_long_before_is_taken_from_the_outbox()
    {
        using var home = await VirtualHome.RegisteredAsync(_host);
        var effect = _host.Services.GetRequiredService<RegistrationEffect>();
        var intents = await IntentsAsync(_host, home);
        await using var unit = await _host.Database.BeginAsync(CancellationToken.None);
        await effect.ConfirmedAsync(
            unit.Transaction,
            [.. intents.Select(static intent => new ConfirmedIntent(intent, "signature"))],
            CancellationToken.None);
        await unit.CommitAsync(CancellationToken.None);
        (await RegisteredAsync(home)).ShouldBe((true, true));
    }

    private async Task<(bool User, bool Meter)> RegisteredAsync(VirtualHome home)
    {
        var user = await _host.GetAsync(home.Wallet, "/api/users/me").Then(ProtocolJson.Default.UserView);
        var meter = await _host.GetAsync(home.Wallet, $"/api/meters/{home.MeterId}")
            .Then(ProtocolJson.Default.MeterView);
        return (user.RegisteredOnChain, meter.RegisteredOnChain);
    }

    private static async Task<IReadOnlyList<ChainIntent>> IntentsAsync(CloudHost host, VirtualHome home)
    {
        await using var connection = await host.Database.OpenConnectionAsync();
        var rows = await connection.QueryAsync<string>(
            "select intent::text from chain_outbox where intent ->> 'wallet' = @wallet order by id",
            new { wallet = home.Address.ToString() });
        return [.. rows.Select(ChainIntentJson.Read)];
    }

    private Task HappenedAsync(params ProgramEvent[] events) =>
        _host.Services.GetRequiredService<ChainEventStore>().StoreAsync(
            [new IndexedTransaction(new(RandomNumberGenerator.GetBytes(64)), 1, null, events)],
            [],
            CancellationToken.None);
}
