using GridTokenX.Solana.Programs;
using GridTokenX.Solana.Rpc;
using GridTokenX.Solana.Sending;
using Xunit.Abstractions;

namespace GridTokenX.Solana.Tests.Chain;

[Collection(LocalnetTests.Name)]
public sealed class TransactionsOnChainTests(LocalnetFixture chain, ITestOutputHelper output) : IAsyncDisposable
{
    private readonly ChainClient _client = new(chain.Localnet);

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    [Fact]
    public async Task A_transfer_with_a_memo_lands_and_is_read_back()
    {
        using var payer = await _client.FundedAsync();
        var receiver = Some.Address("transfer with memo");
        var outcome = await _client.RunAsync(
            [
                ComputeBudgetProgram.SetComputeUnitLimit(50_000),
                SystemProgram.Transfer(payer.PublicKey, receiver, ChainClient.Sol),
                MemoProgram.AddMemo("settlement 42", payer.PublicKey),
            ],
            payer);

        (await _client.Rpc.GetBalanceAsync(receiver)).ShouldBe(ChainClient.Sol);
        var record = (await _client.Rpc.GetTransactionAsync(outcome.Signature))!;
        record.Transaction.Id.ShouldBe(outcome.Signature);
        record.Transaction.VerifySignatures().ShouldBeTrue();
        record.Error.ShouldBeNull();
        record.Fee.ShouldBe(5000UL);
        record.Slot.ShouldBe(outcome.Slot!.Value);
        record.ComputeUnits.ShouldNotBeNull().ShouldBeGreaterThan(0UL);
        record.Logs.ShouldContain(line => line.Contains("settlement 42", StringComparison.Ordinal));
        record.PreBalances[0].ShouldBe(record.PostBalances[0] + 5000 + ChainClient.Sol);

        var history = await _client.Rpc.GetSignaturesForAddressAsync(receiver, limit: 10);
        history.ShouldHaveSingleItem().Signature.ShouldBe(outcome.Signature);
    }

    [Fact]
    public async Task Legacy_transactions_land_as_well()
    {
        using var payer = await _client.FundedAsync();
        var receiver = Some.Address("legacy");
        var outcome = await _client.Sender.SendAndConfirmAsync(blockhash => new Transaction(Message.CompileLegacy(
            payer.PublicKey, blockhash,
            SystemProgram.Transfer(payer.PublicKey, receiver, ChainClient.Sol))).Sign(payer));
        outcome.RequireConfirmed();
        (await _client.Rpc.GetTransactionAsync(outcome.Signature))!.Transaction.Message.Version
            .ShouldBe(MessageVersion.Legacy);
    }

    [Fact]
    public async Task A_transaction_that_fails_in_the_trial_run_is_rejected_with_its_log()
    {
        using var payer = await _client.FundedAsync();
        var outcome = await _client.Sender.SendAndConfirmAsync(
            [SystemProgram.Transfer(payer.PublicKey, Some.Address("greedy"), 1000 * ChainClient.Sol)], [payer]);
        outcome.Status.ShouldBe(SubmissionStatus.Rejected);
        outcome.Error!.Kind.ShouldBe(TransactionErrorKind.InstructionError);
        outcome.Error.Instruction.ShouldBe(new InstructionError(0, "Custom", 1));
        outcome.Logs.ShouldNotBeEmpty();
        (await _client.Rpc.GetBalanceAsync(payer.PublicKey)).ShouldBe(10 * ChainClient.Sol);
    }

    [Fact]
    public async Task A_transaction_that_fails_on_the_chain_is_failed_and_pays_its_fee()
    {
        using var payer = await _client.FundedAsync();
        var blockhash = await _client.Rpc.GetLatestBlockhashAsync();
        var transaction = new Transaction(Message.CompileV0(
            payer.PublicKey, blockhash.Blockhash,
            [SystemProgram.Transfer(payer.PublicKey, Some.Address("greedy"), 1000 * ChainClient.Sol)])).Sign(payer);
        await _client.Rpc.SendTransactionAsync(transaction, new SendOptions { SkipPreflight = true });
        var outcome = await _client.Sender.SubmitAsync(
            SignedTransaction.From(transaction, blockhash) with { MayHaveBeenSent = true });
        outcome.Status.ShouldBe(SubmissionStatus.Failed);
        outcome.Error!.Instruction!.CustomCode.ShouldBe(1U);
        outcome.Logs.ShouldNotBeEmpty();
        (await _client.Rpc.GetBalanceAsync(payer.PublicKey)).ShouldBe((10 * ChainClient.Sol) - 5000);
    }

    [Fact]
    public async Task The_same_bytes_submitted_many_times_move_the_money_once()
    {
        using var payer = await _client.FundedAsync();
        var receiver = Some.Address("once only");
        var blockhash = await _client.Rpc.GetLatestBlockhashAsync();
        var transaction = new Transaction(Message.CompileV0(
            payer.PublicKey, blockhash.Blockhash,
            [SystemProgram.Transfer(payer.PublicKey, receiver, ChainClient.Sol)])).Sign(payer);
        var signed = SignedTransaction.From(transaction, blockhash);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => _client.Sender.SubmitAsync(signed)));
        outcomes.ShouldAllBe(outcome => outcome.Status == SubmissionStatus.Confirmed);
        (await _client.Rpc.GetBalanceAsync(receiver)).ShouldBe(ChainClient.Sol);
    }

    [Fact]
    public async Task A_transaction_with_an_old_blockhash_is_expired()
    {
        using var payer = await _client.FundedAsync();
        var transaction = Some.Transfer(payer, Some.Blockhash("long gone")).Sign(payer);
        var outcome = await _client.Sender.SubmitAsync(
            new SignedTransaction(transaction.Id, transaction.Serialize(), LastValidBlockHeight: 0));
        outcome.Status.ShouldBe(SubmissionStatus.Expired);
    }

    [Fact]
    public async Task Without_money_for_the_fee_the_node_names_the_reason()
    {
        using var poor = Keypair.Generate();
        var outcome = await _client.Sender.SendAndConfirmAsync([MemoProgram.AddMemo("no money")], [poor]);
        outcome.Status.ShouldBe(SubmissionStatus.Rejected);
        outcome.Error!.Kind.ShouldBeOneOf(
            TransactionErrorKind.AccountNotFound, TransactionErrorKind.InsufficientFundsForFee);
    }

    [Fact]
    public async Task A_simulation_tells_units_and_log_and_changes_nothing()
    {
        using var payer = await _client.FundedAsync();
        var blockhash = await _client.Rpc.GetLatestBlockhashAsync();
        var transaction = Some.Transfer(payer, blockhash.Blockhash, ChainClient.Sol);
        var result = await _client.Rpc.SimulateTransactionAsync(transaction);
        result.Error.ShouldBeNull();
        result.UnitsConsumed.ShouldNotBeNull().ShouldBeGreaterThan(0UL);
        (await _client.Rpc.GetBalanceAsync(payer.PublicKey)).ShouldBe(10 * ChainClient.Sol);
    }

    [Fact]
    public async Task The_chain_verifies_a_foreign_signature_and_refuses_a_forged_one()
    {
        using var payer = await _client.FundedAsync();
        using var device = Keypair.Generate();
        var reading = "a reading"u8.ToArray();
        await _client.RunAsync(
            [Ed25519Program.Verify(device.PublicKey, device.Sign(reading), reading), MemoProgram.AddMemo("verified")],
            payer);

        var forged = await _client.Sender.SendAndConfirmAsync(
            [Ed25519Program.Verify(device.PublicKey, payer.Sign(reading), reading)], [payer]);
        forged.Status.ShouldBe(SubmissionStatus.Rejected);
    }

    [Fact]
    public async Task Two_hundred_at_once_are_all_confirmed()
    {
        using var payer = await _client.FundedAsync();
        var receiver = Some.Address("two hundred");
        var blockhash = await _client.Rpc.GetLatestBlockhashAsync();
        var all = Enumerable.Range(0, 200).Select(i => SignedTransaction.From(
            new Transaction(Message.CompileV0(
                payer.PublicKey, blockhash.Blockhash,
                [
                    SystemProgram.Transfer(payer.PublicKey, receiver, 1_000_000),
                    MemoProgram.AddMemo($"number {i}"),
                ])).Sign(payer),
            blockhash)).ToList();
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var outcomes = await Task.WhenAll(all.Select(transaction => _client.Sender.SubmitAsync(transaction)));
        output.WriteLine($"200 transactions confirmed in {watch.Elapsed.TotalMilliseconds:F0} ms");
        outcomes.ShouldAllBe(outcome => outcome.Status == SubmissionStatus.Confirmed);
        (await _client.Rpc.GetBalanceAsync(receiver)).ShouldBe(200_000_000UL);
    }
}
