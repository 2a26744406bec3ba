using System.Buffers.Binary;
using GridTokenX.Programs.Events;
using GridTokenX.Solana;
using GridTokenX.Solana.Programs;

namespace GridTokenX.Programs.Tests.Client;

public sealed class EventReaderTests
{
    private static readonly PublicKey Registry = LocalPrograms.Registry;
    private static readonly PublicKey EnergyToken = LocalPrograms.EnergyToken;
    private static readonly PublicKey Trading = LocalPrograms.Trading;
    private static readonly PublicKey Foreign = Some.Key("foreign program");

    private static readonly ProgramEventReader Reader = new(Registry, EnergyToken, Trading);

    private static readonly string Retired = Data(
        "882313c06836c614", Some.Key("owner").ToArray(), U64(5_000_000_000), U64(1_700_000_000));

    private static readonly string Created = Data(
        "e001e53ffe3cbe9f", Some.Key("order").ToArray(), U64(7), Some.Key("owner").ToArray(), [1], U64(2_000_000),
        U64(3_500_000), U64(1_700_090_000), U64(1_700_000_000));

    [Fact]
    public void Every_event_is_read()
    {
        var (wallet, device) = (Some.Key("wallet"), Some.Key("device"));
        var meterId = (byte[])[5, 0, 0, 0, .. "MTR-1"u8];
        ReadOf(Registry, Data("152ad8a36333c8de", wallet.ToArray(), [1], U64(17)))
            .ShouldBe(new UserRegistered(wallet, UserType.Prosumer, 17));
        ReadOf(Registry, Data("94a872fe4f2dda8f", meterId, wallet.ToArray(), device.ToArray(), U64(17)))
            .ShouldBe(new MeterRegistered("MTR-1", wallet, device, 17));
        ReadOf(Registry, Data("1e1a16cc07fa9d21", meterId, wallet.ToArray(), U64(3), U64(9), U64(17), [1]))
            .ShouldBe(new MeterBalanceSettled("MTR-1", wallet, 3, 9, 17, Minted: true));
        ReadOf(Registry, Data("0859e65ab6d6671d", meterId, wallet.ToArray(), U64(17)))
            .ShouldBe(new MeterDeactivated("MTR-1", wallet, 17));
        ReadOf(EnergyToken, Retired)
            .ShouldBe(new TokensRetired(Some.Key("owner"), 5_000_000_000, 1_700_000_000));
        ReadOf(Trading, Created).ShouldBe(new OrderCreated(
            Some.Key("order"), 7, Some.Key("owner"), OrderSide.Sell, 2_000_000, 3_500_000, 1_700_090_000,
            1_700_000_000));
        ReadOf(Trading, Data("6c388044a871a8ef", Some.Key("order").ToArray(), U64(7), wallet.ToArray(), [0], U64(4),
                [2], U64(17)))
            .ShouldBe(new OrderCancelled(
                Some.Key("order"), 7, wallet, OrderSide.Buy, 4, OrderClosingReason.Released, 17));
        ReadOf(Trading, Data("296e40813c4fb350", U64(1), U64(2), U64(3), wallet.ToArray(), device.ToArray(), U64(4),
                U64(5), U64(6), U64(7), U64(17)))
            .ShouldBe(new TradeExecuted(1, 2, 3, wallet, device, 4, 5, 6, 7, 17));
    }

    [Fact]
    public void Nested_programs_own_what_they_log()
    {
        var settled = Data("1e1a16cc07fa9d21", [1, 0, 0, 0, 65], Some.Key("o").ToArray(), U64(1), U64(1), U64(1), [1]);
        var read = Reader.Read(
        [
            Invoke(ComputeBudgetProgram.Id, 1), Success(ComputeBudgetProgram.Id),
            Invoke(Foreign, 1), Retired,
            Invoke(Registry, 2), "Program log: hello",
            Invoke(EnergyToken, 3), Retired, Success(EnergyToken),
            settled, Success(Registry),
            settled, Success(Foreign),
        ]);
        read.IsTruncated.ShouldBeFalse();
        read.Unreadable.ShouldBeEmpty();
        read.Events.Select(e => e.GetType()).ShouldBe([typeof(TokensRetired), typeof(MeterBalanceSettled)]);
    }

    [Fact]
    public void A_foreign_program_cannot_forge_an_event()
    {
        Reader.Read([Invoke(Foreign, 1), Created, Success(Foreign)]).Events.ShouldBeEmpty();
        // What a program logs as text always has the runtime's prefix.
        Reader.Read(
        [
            Invoke(Foreign, 1), $"Program log: {Invoke(Trading, 2)}", Created,
            $"Program log: \n{Invoke(Trading, 2)}", Created, Success(Foreign),
        ]).Events.ShouldBeEmpty();
        // After a call of ours has returned it is the foreign program again.
        Reader.Read([Invoke(Foreign, 1), Invoke(Trading, 2), Success(Trading), Created, Success(Foreign)])
            .Events.ShouldBeEmpty();
        Reader.Read([Created]).Events.ShouldBeEmpty();
    }

    [Fact]
    public void A_program_of_ours_cannot_log_the_event_of_another()
    {
        var read = Reader.Read([Invoke(Registry, 1), Created, Success(Registry)]);
        read.Events.ShouldBeEmpty();
        read.Unreadable.ShouldBe([Created]);
    }

    [Fact]
    public void A_log_that_was_cut_off_is_reported_and_not_read_further()
    {
        var read = Reader.Read([Invoke(Trading, 1), Created, "Log truncated", Created, Success(Trading)]);
        read.IsTruncated.ShouldBeTrue();
        read.Events.Count.ShouldBe(1);
        Reader.Read([Invoke(Trading, 1), Created]).IsTruncated.ShouldBeTrue();
        // An invocation is missing.
        Reader.Read([Invoke(Foreign, 1), Success(Trading), Created]).IsTruncated.ShouldBeTrue();
        Reader.Read([Invoke(Trading, 2), Created, Success(Trading)]).IsTruncated.ShouldBeTrue();
        // Only the runtime cuts logs off.
        Reader.Read([Invoke(Trading, 1), "Program log: Log truncated", Created, Success(Trading)])
            .ShouldSatisfyAllConditions(
                it => it.IsTruncated.ShouldBeFalse(), it => it.Events.Count.ShouldBe(1));
    }

    [Fact]
    public void A_failed_transaction_has_no_events()
    {
        var read = Reader.Read(
        [
            Invoke(Trading, 1), Created, Success(Trading),
            Invoke(Foreign, 1), $"Program {Foreign} failed: custom program error: 0x1",
        ]);
        read.Events.ShouldBeEmpty();
        read.IsTruncated.ShouldBeFalse();
    }

    [Fact]
    public void Data_that_is_no_whole_event_is_reported()
    {
        string[] broken =
        [
            "Program data: ", "Program data: AAAA", "Program data: !", Created + " AAAA", Created[..^8],
            Data("e001e53ffe3cbe9f", new byte[97], new byte[9]), Data("0102030405060708", U64(1)),
        ];
        var read = Reader.Read([Invoke(Trading, 1), .. broken, Created, Success(Trading)]);
        read.Events.Count.ShouldBe(1);
        read.Unreadable.ShouldBe(broken);
    }

    [Fact]
    public void Return_data_is_the_last_of_the_program()
    {
        string[] logs =
        [
            $"Program return: {Registry} AQAAAAAAAAA=", $"Program return: {Foreign} CQAAAAAAAAA=",
            $"Program return: {Registry} AgAAAAAAAAA=", $"Program log: Program return: {Registry} CQAAAAAAAAA=",
        ];
        ReturnData.Read(logs, Registry).ShouldBe(U64(2));
        ReturnData.Read(logs, Trading).ShouldBeNull();
    }

    private static ProgramEvent ReadOf(PublicKey program, string data)
    {
        var read = Reader.Read([Invoke(program, 1), data, Success(program)]);
        read.Unreadable.ShouldBeEmpty();
        return read.Events.ShouldHaveSingleItem();
    }

    private static string Invoke(PublicKey program, int depth) => $"Program {program} invoke [{depth}]";

    private static string Success(PublicKey program) => $"Program {program} success";

    private static byte[] U64(ulong value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return bytes;
    }

    private static string Data(string discriminator, params byte[][] fields) =>
        "Program data: " + Convert.ToBase64String(
            [.. Convert.FromHexString(discriminator), .. fields.SelectMany(field => field)]);
}
