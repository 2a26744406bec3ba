using System.Text.Json;
using GridTokenX.CloudCore.Chain;
using GridTokenX.Programs;
using GridTokenX.Programs.Events;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Units;
using GridTokenX.Solana;

namespace GridTokenX.CloudCore.Tests.Chain;

public sealed class IntentTests
{
    private static readonly Guid Id = Guid.Parse("0190a5f0-1111-7222-8333-444455556666");
    private static readonly Key32 Seller = Some.Key;
    private static readonly Key32 Buyer = Some.Key;
    private static readonly PublicKey Key = Keypair.Generate().PublicKey;
    private static readonly DateTimeOffset Time = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<ChainIntent> Intents =>
    [
        new RegisterUserOnChain(Id, Seller, "prosumer"),
        new RegisterMeterOnChain(Id, "meter-1", Buyer, Seller, Time),
        new DeactivateMeterOnChain(Id, "meter-1"),
        new MintEnergy(Id, "meter-1", Seller, new WattHours(long.MaxValue), new WattHours(1), Time, new WattHours(2)),
        new GrantMoney(Id, Seller, new MicroGrx(1)),
        new PlaceOrder(
            Id, Id, Seller, "sell", ulong.MaxValue, new WattHours(3), new PricePerKwh(4), Time, Transaction: null),
        new PlaceOrder(Id, Id, Seller, "buy", 1, new WattHours(3), new PricePerKwh(4), Time, "AQ=="),
        new ReleaseOrder(Id, Id, Seller, Buyer, "buy", 7),
        new SettleTrade(
            Id,
            long.MaxValue,
            new WattHours(5),
            new PricePerKwh(6),
            new SettledOrder(Seller, 8, Seller),
            new SettledOrder(Buyer, 9, Seller)),
        new RetireEnergy(Id, Id, Buyer, new WattHours(11)),
    ];

    public static TheoryData<ProgramEvent> Events =>
    [
        new UserRegistered(Key, UserType.Prosumer, 1),
        new MeterRegistered("m", Key, Key, 2),
        new MeterBalanceSettled("m", Key, ulong.MaxValue, 3, 4, Minted: true),
        new MeterDeactivated("m", Key, 5),
        new TokensRetired(Key, 6, 7),
        new OrderCreated(Key, ulong.MaxValue, Key, OrderSide.Sell, 8, 9, 10, 11),
        new OrderCancelled(Key, 12, Key, OrderSide.Buy, 13, OrderClosingReason.Released, 14),
        new TradeExecuted(15, 16, 17, Key, Key, 18, 19, 20, 21, 22),
    ];

    [Theory]
    [MemberData(nameof(Intents))]
    public void An_intent_is_read_back_as_it_was_written(ChainIntent intent)
    {
        var json = ChainIntentJson.Write(intent);
        ChainIntentJson.Read(json).ShouldBe(intent);
        using var document = JsonDocument.Parse(json);
        document.RootElement.GetProperty("kind").GetString().ShouldBe(IntentKinds.KindOf(intent));
    }

    [Theory]
    [MemberData(nameof(Events))]
    public void An_event_is_read_back_as_it_was_written(ProgramEvent @event) =>
        ProgramEventJson.Read(ProgramEventJson.KindOf(@event), ProgramEventJson.Write(@event)).ShouldBe(@event);

    [Fact]
    public void The_kind_may_stand_anywhere_as_jsonb_moves_it() =>
        ChainIntentJson.Read($$"""{"id":"{{Id}}","amount":1,"wallet":"{{Seller}}","kind":"grant_money"}""")
            .ShouldBe(new GrantMoney(Id, Seller, new MicroGrx(1)));

    [Fact]
    public void A_kind_from_a_newer_version_is_refused_as_json()
    {
        _ = Should.Throw<JsonException>(() => ChainIntentJson.Read($$"""{"kind":"fly_away","id":"{{Id}}"}"""));
        _ = Should.Throw<JsonException>(() => ProgramEventJson.Read("flew_away", "{}"));
    }

    [Fact]
    public void The_same_cause_has_the_same_id_and_no_other_has_it()
    {
        var id = IntentKinds.IdOf("mint", "meter-1", "23");
        IntentKinds.IdOf("mint", "meter-1", "23").ShouldBe(id);
        IntentKinds.IdOf("mint", "meter-12", "3").ShouldNotBe(id);
        id.Version.ShouldBe(8);
    }

    [Fact]
    public void Back_off_stays_below_its_bound_and_grows_to_the_longest()
    {
        var (first, longest) = (TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
        for (var failures = 1; failures < 100; failures++)
        {
            var bound = Math.Min(Math.Pow(2, failures - 1), longest.TotalSeconds);
            Jitter.After(failures, first, longest).TotalSeconds.ShouldBeInRange(0, bound);
        }

        Enumerable.Range(0, 100).Max(_ => Jitter.After(60, first, longest))
            .ShouldBeGreaterThan(TimeSpan.FromMinutes(2));
    }
}
