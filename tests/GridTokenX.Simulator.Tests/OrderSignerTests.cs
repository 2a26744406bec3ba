using GridTokenX.Programs;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Simulator.Chain;
using GridTokenX.Simulator.Homes;
using GridTokenX.Simulator.Trading;
using GridTokenX.Solana;

namespace GridTokenX.Simulator.Tests;

public sealed class OrderSignerTests
{
    private static readonly ChainInfo Chain = new(
        "http://127.0.0.1:8899",
        SomeKey("grid"),
        SomeKey("grx"),
        SomeKey("energy"),
        SomeKey("registry"),
        new Key32(LocalPrograms.Trading.Span),
        SomeKey("market"),
        SomeKey("grid-vault"),
        SomeKey("grx-vault"),
        SomeKey("fees"),
        100,
        1,
        10_000_000_000,
        86_400);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Transaction_is_the_order_with_the_grace_signed_by_the_wallet(bool sells)
    {
        using var wallet = Keypair.FromSeed(SeededRandom.For(1, "wallet").Bytes(32));
        var expiry = new DateTimeOffset(2026, 6, 21, 1, 0, 0, TimeSpan.Zero);
        var signer = new OrderSigner(Chain, new Blockhash(SeededRandom.For(1, "blockhash").Bytes(32)));
        var order = new OrderIntent(sells, EnergyWh: 1_234, PriceUgrx: 2_999_999);
        var transaction = Transaction.FromBase64(signer.Sign(wallet, 71, order, expiry));

        var trading = new TradingProgram(LocalPrograms.Trading, Chain.GridMint.OnChain(), Chain.GrxMint.OnChain());
        InstructionReader.TryReadOrder(transaction.Message, trading, out var read).ShouldBe(OrderRequestProblem.None);
        (read!.Side, read.Payer, read.Owner)
            .ShouldBe((sells ? OrderSide.Sell : OrderSide.Buy, wallet.PublicKey, wallet.PublicKey));
        read.Terms.ShouldBe(new OrderTerms(71, 1_234_000_000, 2_999_999, expiry.AddDays(1).ToUnixTimeSeconds()));
        transaction.VerifySignatures().ShouldBeTrue();
    }

    [Fact]
    public void Every_fourth_home_is_managed_and_both_kinds_of_homes_are()
    {
        var managed = Neighbourhood.Plan(Some.Options with { Homes = 40 }).Homes.Where(static home => home.IsManaged)
            .ToList();
        managed.Count.ShouldBe(10);
        managed.Count(static home => home.IsProsumer).ShouldBe(5);
        Neighbourhood.Plan(Some.Options with { Homes = 4 }).Homes.Count(static home => home.IsManaged).ShouldBe(1);
    }

    private static Key32 SomeKey(string purpose) => new(SeededRandom.For(1, purpose).Bytes(Key32.Length));
}
