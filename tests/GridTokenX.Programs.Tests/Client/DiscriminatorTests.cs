using GridTokenX.Programs.Accounts;

namespace GridTokenX.Programs.Tests.Client;

public sealed class DiscriminatorTests
{
    // SHA-256 of "global:NAME", "account:NAME" and "event:NAME", made by another program.
    private static readonly Dictionary<string, string> Instructions = new()
    {
        ["initialize"] = "afaf6d1f0d989bed",
        ["set_maintenance"] = "8c7f419271328312",
        ["update_registry"] = "25536e03a997a1ed",
        ["register_user"] = "02f196df63d67461",
        ["register_meter"] = "316a57488ad6e07d",
        ["submit_meter_reading"] = "b5f7c48b4e58c0ce",
        ["submit_meter_readings"] = "a965f391ca4251a1",
        ["get_unsettled_balance"] = "b2785f091251b553",
        ["settle_meter_balance"] = "b22ef1ca35634f77",
        ["settle_and_mint_tokens"] = "3367a441a0398edc",
        ["deactivate_meter"] = "a18fee39b032a966",
        ["mint_from_production"] = "27163103acf26805",
        ["retire"] = "2c8a991fde351510",
        ["initialize_market"] = "2323bdc19b30aacb",
        ["update_market"] = "992702c5b332c7d9",
        ["open_settlement_page"] = "3199869569055dde",
        ["create_sell_order"] = "3534ff2cbf4aabe1",
        ["create_buy_order"] = "b65700a0c0429782",
        ["match_order"] = "5fe615067217296f",
        ["settle_match"] = "477c7560bfd97418",
        ["cancel_order"] = "5f81edf00831df84",
        ["expire_order"] = "ae1b55f769f5dc0d",
        ["release_order"] = "4485cc88937689d5",
    };

    [Fact]
    public void Instructions_have_anchors_discriminators()
    {
        InstructionNames.ByHex.ToDictionary(pair => pair.Value, pair => pair.Key)
            .ShouldBe(Instructions, ignoreOrder: true);
        foreach (var (name, hex) in Instructions)
        {
            InstructionNames.Of([.. Convert.FromHexString(hex), 1, 2, 3]).ShouldBe(name);
        }
    }

    [Fact]
    public void Other_data_has_no_name()
    {
        InstructionNames.Of([]).ShouldBeNull();
        InstructionNames.Of([1, 2, 3, 4, 5, 6, 7]).ShouldBeNull();
        InstructionNames.Of([1, 2, 3, 4, 5, 6, 7, 8]).ShouldBeNull();
    }

    [Fact]
    public void Accounts_have_anchors_discriminators()
    {
        Discriminator.ToHex(RegistryAccount.Discriminator).ShouldBe("2fae6ef6b8b6fcda");
        Discriminator.ToHex(UserAccount.Discriminator).ShouldBe("d3218810ba6ef27f");
        Discriminator.ToHex(MeterAccount.Discriminator).ShouldBe("576f8b57b51468ff");
        Discriminator.ToHex(TokenConfigAccount.Discriminator).ShouldBe("5c49ff2b6b337565");
        Discriminator.ToHex(MarketAccount.Discriminator).ShouldBe("dbbed53700e3c69a");
        Discriminator.ToHex(OrderAccount.Discriminator).ShouldBe("86addfb94d561c33");
        Discriminator.ToHex(SettlementPageAccount.Discriminator).ShouldBe("6062d0740a3ec829");
    }

    [Theory]
    [InlineData("UserRegistered", "152ad8a36333c8de")]
    [InlineData("MeterRegistered", "94a872fe4f2dda8f")]
    [InlineData("MeterBalanceSettled", "1e1a16cc07fa9d21")]
    [InlineData("MeterDeactivated", "0859e65ab6d6671d")]
    [InlineData("TokensRetired", "882313c06836c614")]
    [InlineData("OrderCreated", "e001e53ffe3cbe9f")]
    [InlineData("OrderCancelled", "6c388044a871a8ef")]
    [InlineData("TradeExecuted", "296e40813c4fb350")]
    public void Events_have_anchors_discriminators(string name, string hex) =>
        Discriminator.ToHex(Discriminator.OfEvent(name)).ShouldBe(hex);

    [Fact]
    public void Every_error_has_its_number_and_a_sentence()
    {
        var errors = Enum.GetValues<ProgramError>().Where(error => error != ProgramError.None).ToList();
        errors.Select(error => (int)error).ShouldBe(Enumerable.Range(6000, 33));
        foreach (var error in errors)
        {
            error.Message().ShouldEndWith(".");
            ProgramErrors.Of((uint)error).ShouldBe(error);
        }

        ProgramErrors.Of(5999u).ShouldBe(ProgramError.None);
        ProgramErrors.Of(6033u).ShouldBe(ProgramError.None);
        ProgramErrors.Of(customCode: null).ShouldBe(ProgramError.None);
    }
}
