using GridTokenX.Programs.Accounts;

namespace GridTokenX.Programs.Tests.Client;

/// <summary>The bytes are put where the layout says, by offset; the records read field after field.</summary>
public sealed class AccountTests
{
    [Fact]
    public void Registry_is_read_from_its_168_bytes()
    {
        var data = Layout.Of(168, "2fae6ef6b8b6fcda")
            .Key(8, "admin").Key(40, "registrar").Key(72, "oracle").Key(104, "energy")
            .U64(136, 300).U64(144, 20_000).U64(152, 120).U8(160, 1).U8(161, 254);
        RegistryAccount.Parse(data).ShouldBe(new RegistryAccount(
            Some.Key("admin"), Some.Key("registrar"), Some.Key("oracle"), Some.Key("energy"),
            new ReadingLimits(300, 20_000, 120), IsInMaintenance: true, 254));
    }

    [Fact]
    public void User_is_read_from_its_56_bytes()
    {
        var data = Layout.Of(56, "d3218810ba6ef27f").Key(8, "wallet").U64(40, 1_700_000_000).U32(48, 3)
            .U8(52, 1).U8(53, 255);
        UserAccount.Parse(data).ShouldBe(
            new UserAccount(Some.Key("wallet"), 1_700_000_000, 3, UserType.Prosumer, 255));
        Should.Throw<FormatException>(() => UserAccount.Parse(data.U8(52, 2)));
    }

    [Fact]
    public void Meter_is_read_from_its_160_bytes()
    {
        var data = Layout.Of(160, "576f8b57b51468ff").Key(8, "owner").Key(40, "device").Text(72, "MTR-1")
            .U64(104, 9_000).U64(112, 4_000).U64(120, 1_500).U64(128, 1_700_000_900).U64(136, 1_700_000_000)
            .U64(144, 12).U8(152, 5).U8(153, 1).U8(154, 253);
        var meter = MeterAccount.Parse(data);
        meter.ShouldBe(new MeterAccount(
            Some.Key("owner"), Some.Key("device"), "MTR-1", 9_000, 4_000, 1_500, 1_700_000_900, 1_700_000_000, 12,
            IsActive: true, 253));
        meter.UnsettledNetGeneration.ShouldBe(3_500UL);
        (meter with { TotalConsumption = 8_000 }).UnsettledNetGeneration.ShouldBe(0UL);
        (meter with { TotalConsumption = 10_000 }).UnsettledNetGeneration.ShouldBe(0UL);
        Should.Throw<FormatException>(() => MeterAccount.Parse(data.U8(152, 33)));
    }

    [Fact]
    public void Token_config_is_read_from_its_112_bytes()
    {
        var data = Layout.Of(112, "5c49ff2b6b337565").Key(8, "admin").Key(40, "mint").Key(72, "registry")
            .U8(104, 0).U8(105, 251).U8(106, 252);
        TokenConfigAccount.Parse(data).ShouldBe(new TokenConfigAccount(
            Some.Key("admin"), Some.Key("mint"), Some.Key("registry"), IsInMaintenance: false, 251, 252));
    }

    [Fact]
    public void Market_is_read_from_its_352_bytes()
    {
        var data = Layout.Of(352, "dbbed53700e3c69a").Key(8, "admin").Key(40, "grid").Key(72, "grx")
            .Key(104, "grid vault").Key(136, "grx vault").Key(168, "fees").Key(200, "first").Key(232, "second")
            .U64(328, 1).U64(336, 9_000_000).U16(344, 100).U8(346, 2).U8(347, 1).U8(348, 250);
        var market = MarketAccount.Parse(data);
        market.Settings.Matchers.ShouldBe([Some.Key("first"), Some.Key("second")]);
        market.ShouldBe(new MarketAccount(
            Some.Key("admin"), Some.Key("grid"), Some.Key("grx"), Some.Key("grid vault"), Some.Key("grx vault"),
            Some.Key("fees"), new MarketSettings(100, 1, 9_000_000, market.Settings.Matchers), true, 250));
        Should.Throw<FormatException>(() => MarketAccount.Parse(data.U8(346, 5)));
    }

    [Fact]
    public void Order_is_read_from_its_136_bytes()
    {
        var data = Layout.Of(136, "86addfb94d561c33").Key(8, "owner").Key(40, "payer").U64(72, 7)
            .U64(80, 5_000_000).U64(88, 2_000_000).U64(96, 3_500_000).U64(104, 3_000_000)
            .U64(112, 1_700_000_000).U64(120, 1_700_090_000).U16(128, 100).U8(130, 1).U8(131, 249);
        var order = OrderAccount.Parse(data);
        order.ShouldBe(new OrderAccount(
            Some.Key("owner"), Some.Key("payer"), 7, 5_000_000, 2_000_000, 3_500_000, 3_000_000, 1_700_000_000,
            1_700_090_000, 100, OrderSide.Sell, 249));
        order.Rest.ShouldBe(3_000_000UL);
    }

    [Fact]
    public void A_page_says_which_settlements_are_used()
    {
        var data = Layout.Of(8208, "6062d0740a3ec829").U64(8, 3).U8(16, 0b101).U8(8207, 0x80);
        var page = SettlementPageAccount.Parse(data);
        const ulong First = 3UL << 16;
        page.Page.ShouldBe(3UL);
        page.IsUsed(First).ShouldBeTrue();
        page.IsUsed(First + 1).ShouldBeFalse();
        page.IsUsed(First + 2).ShouldBeTrue();
        page.IsUsed(First + 65_535).ShouldBeTrue();
        Should.Throw<ArgumentException>(() => page.IsUsed(First + 65_536));
        TradingProgram.PageOf(First + 65_535).ShouldBe(3UL);
    }

    [Fact]
    public void Another_size_or_discriminator_is_refused()
    {
        byte[] order = Layout.Of(136, "86addfb94d561c33");
        OrderAccount.TryParse(order, out _).ShouldBeTrue();
        OrderAccount.TryParse(order.AsSpan(..^1), out _).ShouldBeFalse();
        OrderAccount.TryParse([.. order, 0], out _).ShouldBeFalse();
        OrderAccount.TryParse([], out _).ShouldBeFalse();
        order[0] ^= 1;
        OrderAccount.TryParse(order, out var none).ShouldBeFalse();
        none.ShouldBeNull();
    }
}
