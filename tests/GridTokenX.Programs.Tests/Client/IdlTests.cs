using System.Text.Json;
using GridTokenX.Programs.Accounts;
using GridTokenX.Solana;
using GridTokenX.Testing;

namespace GridTokenX.Programs.Tests.Client;

/// <summary>Our client and the published IDLs, from which others make theirs, say the same.</summary>
public sealed class IdlTests
{
    private static readonly PublicKey Any = Some.Key("any");
    private static readonly OrderReference Reference = new(Any, 1, Some.Key("rent payer"));
    private static readonly OrderClosing Closing = new(Any, 1, OrderSide.Sell, Any);
    private static readonly MeterRegisters Reading = new("m", 1, 2, 3);
    private static readonly MarketSettings Settings = new(1, 2, 3, [Any]);
    private static readonly ReadingLimits Limits = new(1, 2, 3);

    private static readonly Dictionary<string, Instruction[]> Instructions = new()
    {
        ["registry"] =
        [
            Some.Registry.Initialize(Any, Any, Any, Any, Any, Limits), Some.Registry.Update(Any, Any, Any, Any, Limits),
            Some.Registry.SetMaintenance(Any, true), Some.Registry.RegisterUser(Any, Any, UserType.Prosumer),
            Some.Registry.RegisterMeter(Any, Any, "m", Any, 1), Some.Registry.SubmitMeterReading(Any, Reading),
            Some.Registry.SubmitMeterReadings(Any, [Reading]), Some.Registry.GetUnsettledBalance("m"),
            Some.Registry.SettleMeterBalance(Any, "m"),
            Some.Registry.SettleAndMintTokens(Some.EnergyToken, new MeterMint("m", Any)),
            Some.Registry.DeactivateMeter(Any, "m"),
        ],
        ["energy_token"] =
        [
            Some.EnergyToken.Initialize(Any, Any, Any), Some.EnergyToken.Update(Any, Any),
            Some.EnergyToken.SetMaintenance(Any, true),
            Some.EnergyToken.MintFromProduction(Any, Any, 1), Some.EnergyToken.Retire(Any, 1),
        ],
        ["trading"] =
        [
            Some.Trading.InitializeMarket(Any, Any, Any, Settings), Some.Trading.UpdateMarket(Any, Any, Any, Settings),
            Some.Trading.SetMaintenance(Any, true), Some.Trading.OpenSettlementPage(Any, 1),
            Some.Trading.CreateSellOrder(Any, Any, Some.Terms), Some.Trading.CreateBuyOrder(Any, Any, Some.Terms),
            Some.Trading.MatchOrder(Any, Any, new DirectPurchase(1, 2, 3, Any, Reference)),
            Some.Trading.SettleMatch(Any, Any, new MatchSettlement(1, 2, 3, Reference, Reference)),
            Some.Trading.CancelOrder(Closing), Some.Trading.ExpireOrders(Closing),
            Some.Trading.ReleaseOrders(Any, Closing),
        ],
    };

    [Theory]
    [InlineData("registry")]
    [InlineData("energy_token")]
    [InlineData("trading")]
    public void Instructions_have_the_same_names_discriminators_and_accounts(string program)
    {
        using var idl = Read(program);
        var described = idl.RootElement.GetProperty("instructions").EnumerateArray().ToList();
        described.Select(NameOf).ShouldBe(
            Instructions[program].Select(built => InstructionNames.Of(built.Data.Span)), ignoreOrder: true);
        foreach (var instruction in described)
        {
            var name = NameOf(instruction);
            Bytes(instruction).ShouldBe(Hex(Discriminator.OfInstruction(name)), name);
            var built = Instructions[program].Single(it => InstructionNames.Of(it.Data.Span) == name);
            built.Program.ToString().ShouldBe(idl.RootElement.GetProperty("address").GetString());
            var accounts = instruction.GetProperty("accounts").EnumerateArray().ToList();
            // What follows in lists (meters, orders, settlements) no IDL describes.
            built.Accounts.Count.ShouldBeGreaterThanOrEqualTo(accounts.Count, name);
            foreach (var (account, meta) in accounts.Zip(built.Accounts))
            {
                (Flag(account, "signer"), Flag(account, "writable"))
                    .ShouldBe((meta.IsSigner, meta.IsWritable), $"{name}: {NameOf(account)}");
                if (account.TryGetProperty("address", out var address))
                {
                    meta.Address.ToString().ShouldBe(address.GetString(), $"{name}: {NameOf(account)}");
                }
            }
        }
    }

    [Theory]
    [InlineData("registry")]
    [InlineData("energy_token")]
    [InlineData("trading")]
    public void Errors_have_the_same_numbers_names_and_messages(string program)
    {
        using var idl = Read(program);
        idl.RootElement.GetProperty("errors").EnumerateArray()
            .Select(error => (error.GetProperty("code").GetInt32(), NameOf(error),
                error.GetProperty("msg").GetString() + "."))
            .ShouldBe(Enum.GetValues<ProgramError>().Where(error => error != ProgramError.None)
                .Select(error => ((int)error, error.ToString(), error.Message())));
    }

    [Fact]
    public void Accounts_and_events_have_the_same_discriminators()
    {
        Dictionary<string, ulong> accounts = new()
        {
            ["Registry"] = RegistryAccount.Discriminator,
            ["UserAccount"] = UserAccount.Discriminator,
            ["MeterAccount"] = MeterAccount.Discriminator,
            ["TokenConfig"] = TokenConfigAccount.Discriminator,
            ["Market"] = MarketAccount.Discriminator,
            ["Order"] = OrderAccount.Discriminator,
            ["SettlementPage"] = SettlementPageAccount.Discriminator,
        };
        All("accounts").ShouldBe(accounts.ToDictionary(pair => pair.Key, pair => Hex(pair.Value)), ignoreOrder: true);
        var events = typeof(Events.ProgramEvent).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(Events.ProgramEvent)))
            .ToDictionary(type => type.Name, type => Hex(Discriminator.OfEvent(type.Name)));
        All("events").ShouldBe(events, ignoreOrder: true);

        static Dictionary<string, string> All(string list)
        {
            var all = new Dictionary<string, string>();
            foreach (var program in Instructions.Keys)
            {
                using var idl = Read(program);
                foreach (var row in idl.RootElement.GetProperty(list).EnumerateArray())
                {
                    all.Add(NameOf(row), Bytes(row));
                }
            }

            return all;
        }
    }

    private static JsonDocument Read(string program) =>
        JsonDocument.Parse(RepositoryFiles.Read($"programs/bin/idl/{program}.json"));

    private static string NameOf(JsonElement row) => row.GetProperty("name").GetString()!;

    private static bool Flag(JsonElement account, string name) =>
        account.TryGetProperty(name, out var flag) && flag.GetBoolean();

    private static string Bytes(JsonElement row) => Convert.ToHexStringLower(
        [.. row.GetProperty("discriminator").EnumerateArray().Select(value => value.GetByte())]);

    private static string Hex(ulong discriminator) => Discriminator.ToHex(discriminator);
}
