using FsCheck;
using FsCheck.Fluent;
using GridTokenX.Solana.Programs;

namespace GridTokenX.Solana.Tests;

public sealed class TransactionTests
{
    [Fact]
    public void A_transaction_of_1232_bytes_fits_and_one_more_is_too_large()
    {
        using var payer = Some.Keypair("payer");
        Transaction WithData(int length) => new(
            Message.CompileLegacy(payer.PublicKey, Some.Blockhash(), Some.Instruction(dataLength: length)));

        var overhead = WithData(200).Length - 200;
        WithData(Transaction.MaxLength - overhead).Length.ShouldBe(Transaction.MaxLength);
        Should.Throw<TransactionTooLargeException>(() => WithData(Transaction.MaxLength - overhead + 1))
            .Length.ShouldBe(Transaction.MaxLength + 1);
    }

    [Fact]
    public void Several_signers_sign_one_after_the_other()
    {
        using var payer = Some.Keypair("payer");
        using var owner = Some.Keypair("owner");
        var transaction = TwoSigners(payer, owner);
        transaction.PartialSign(owner);
        transaction.IsFullySigned.ShouldBeFalse();
        transaction.VerifySignatures().ShouldBeFalse();
        Should.Throw<InvalidOperationException>(() => transaction.Id);

        var passedOn = Transaction.FromBase64(transaction.ToBase64());
        passedOn.IsFullySigned.ShouldBeFalse();
        passedOn.Sign(payer).VerifySignatures().ShouldBeTrue();
        passedOn.Id.ShouldBe(payer.Sign(passedOn.MessageBytes.Span));
    }

    [Fact]
    public void Signing_needs_everyone_and_nobody_else()
    {
        using var payer = Some.Keypair("payer");
        using var owner = Some.Keypair("owner");
        using var stranger = Some.Keypair("stranger");
        Should.Throw<InvalidOperationException>(() => TwoSigners(payer, owner).Sign(payer))
            .Message.ShouldContain(owner.PublicKey.ToString());
        Should.Throw<ArgumentException>(() => TwoSigners(payer, owner).PartialSign(stranger))
            .Message.ShouldContain(stranger.PublicKey.ToString());
    }

    [Fact]
    public void A_signature_made_elsewhere_is_taken_only_when_it_verifies()
    {
        using var payer = Some.Keypair("payer");
        var transaction = Some.Transfer(payer);
        var signature = payer.Sign(transaction.MessageBytes.Span);
        Should.Throw<ArgumentException>(() => transaction.AddSignature(payer.PublicKey, payer.Sign("other"u8)));
        Should.Throw<ArgumentException>(() => transaction.AddSignature(Some.Address("stranger"), signature));
        transaction.AddSignature(payer.PublicKey, signature).Id.ShouldBe(signature);
    }

    [Fact]
    public void An_invoked_program_can_neither_pay_nor_be_writable()
    {
        var program = Some.Address("program");
        Should.Throw<ArgumentException>(() =>
            Message.CompileLegacy(program, Some.Blockhash(), Some.Instruction()));
        var writesProgram = new Instruction(Some.Address("other"), [AccountMeta.Writable(program)], default);
        Should.Throw<ArgumentException>(() =>
            Message.CompileLegacy(Some.Address("payer"), Some.Blockhash(), Some.Instruction(), writesProgram));
    }

    [Fact]
    public void More_accounts_signers_or_instructions_than_a_cluster_takes_are_refused()
    {
        var payer = Some.Address("payer");
        Should.Throw<ArgumentException>(() =>
            Message.CompileLegacy(payer, Some.Blockhash(), Some.Instruction(accounts: 63)));
        Message.CompileLegacy(payer, Some.Blockhash(), Some.Instruction(accounts: 62)).Accounts.Count.ShouldBe(64);
        Should.Throw<ArgumentException>(() => Message.CompileLegacy(
            payer, Some.Blockhash(), [.. Enumerable.Repeat(Some.Instruction(), 65)]));
        var manySigners = Some.Instruction() with
        {
            Accounts = [.. Enumerable.Range(0, 12).Select(i => AccountMeta.ReadonlySigner(Some.Address($"s {i}")))],
        };
        Should.Throw<ArgumentException>(() => Message.CompileLegacy(payer, Some.Blockhash(), manySigners));
    }

    [Fact]
    public void Signers_programs_and_the_payer_are_never_looked_up()
    {
        var (payer, signer, writable) = (Some.Address("payer"), Some.Address("signer"), Some.Address("account 0"));
        var table = new AddressLookupTable(
            Some.Address("table"), [payer, signer, Some.Address("program"), writable]);
        var instruction = Some.Instruction(accounts: 1) with
        {
            Accounts = [AccountMeta.ReadonlySigner(signer), AccountMeta.Writable(writable)],
        };
        var message = Message.CompileV0(payer, Some.Blockhash(), [instruction], table);
        message.Accounts.ShouldBe([payer, signer, Some.Address("program")]);
        var lookup = message.AddressTableLookups.ShouldHaveSingleItem();
        lookup.WritableIndexes.ToArray().ShouldBe([3]);
        lookup.ReadonlyIndexes.ToArray().ShouldBeEmpty();
        Enumerable.Range(0, 3).Select(message.IsWritable).ShouldBe([true, false, false]);
        Enumerable.Range(0, 3).Select(message.IsSigner).ShouldBe([true, true, false]);
    }

    [Fact]
    public void Cut_or_extended_bytes_are_refused()
    {
        using var payer = Some.Keypair("payer");
        var wire = Some.Transfer(payer).Sign(payer).Serialize();
        for (var length = 0; length < wire.Length; length++)
        {
            Should.Throw<FormatException>(() => Transaction.Deserialize(wire.AsSpan(0, length)));
        }

        Should.Throw<FormatException>(() => Transaction.Deserialize([.. wire, 0]));
        Should.Throw<TransactionTooLargeException>(() => Transaction.Deserialize(new byte[1233]));
    }

    [Fact]
    public void Changed_bytes_are_refused_or_give_the_same_bytes_again()
    {
        using var payer = Some.Keypair("payer");
        var wire = Some.Transfer(payer).Sign(payer).Serialize();
        Prop.ForAll(
            Gen.Choose(0, wire.Length - 1).Two().Zip(Gen.Choose(0, 255).Two()).ToArbitrary(),
            change =>
            {
                var changed = wire.ToArray();
                changed[change.Item1.Item1] = (byte)change.Item2.Item1;
                changed[change.Item1.Item2] = (byte)change.Item2.Item2;
                try
                {
                    return Transaction.Deserialize(changed).Serialize().SequenceEqual(changed);
                }
                catch (FormatException)
                {
                    return true;
                }
            }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("80")]
    [InlineData("ff00")]
    [InlineData("8100")]
    [InlineData("ffff04")]
    [InlineData("80808000")]
    public void A_compact_length_that_is_cut_not_shortest_or_too_large_is_refused(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        Should.Throw<FormatException>(() => Transaction.Deserialize(bytes));
    }

    [Fact]
    public void Message_versions_not_known_are_refused()
    {
        using var payer = Some.Keypair("payer");
        var bytes = Some.Transfer(payer).Message.Serialize();
        bytes[0].ShouldBe((byte)0x80);
        bytes[0] = 0x81;
        Should.Throw<FormatException>(() => Message.Deserialize(bytes)).Message.ShouldContain("version 1");
    }

    private static Transaction TwoSigners(Keypair payer, Keypair owner) => new(Message.CompileV0(
        payer.PublicKey, Some.Blockhash(),
        [SystemProgram.Transfer(owner.PublicKey, payer.PublicKey, 5), MemoProgram.AddMemo("two")]));
}
