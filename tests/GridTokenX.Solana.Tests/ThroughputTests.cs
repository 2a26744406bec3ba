using System.Diagnostics;
using GridTokenX.Solana.Programs;
using Xunit.Abstractions;

namespace GridTokenX.Solana.Tests;

public sealed class ThroughputTests(ITestOutputHelper output)
{
    [Fact]
    public void A_thousand_token_transfers_are_signed_and_serialised_in_under_a_second()
    {
        using var payer = Some.Keypair("payer");
        _ = Build(payer, 0);

        var watch = Stopwatch.StartNew();
        var bytes = 0;
        for (ulong i = 0; i < 1000; i++)
        {
            bytes += Build(payer, i).ToBase64().Length;
        }

        output.WriteLine($"1,000 transfers, {bytes} characters: {watch.Elapsed.TotalMilliseconds:F0} ms");
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void A_program_derived_address_is_found_in_well_under_a_millisecond()
    {
        var owners = Enumerable.Range(0, 1000).Select(i => Some.Address($"owner {i}")).ToList();
        var mint = Some.Address("mint");
        _ = AssociatedTokenProgram.AssociatedTokenAddress(owners[0], mint);
        var watch = Stopwatch.StartNew();
        owners.ForEach(owner => AssociatedTokenProgram.AssociatedTokenAddress(owner, mint));
        output.WriteLine($"1,000 associated token addresses: {watch.Elapsed.TotalMilliseconds:F0} ms");
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(1));
    }

    private static Transaction Build(Keypair payer, ulong number)
    {
        var instruction = TokenProgram.Transfer(
            Some.Address("source"), Some.Address("destination"), payer.PublicKey, number);
        return new Transaction(Message.CompileV0(
            payer.PublicKey, Some.Blockhash(), [instruction, MemoProgram.AddMemo($"settlement {number}")])).Sign(payer);
    }
}
