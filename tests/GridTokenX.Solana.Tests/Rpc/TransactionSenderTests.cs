using System.Text.Json;
using GridTokenX.Solana.Rpc;
using GridTokenX.Solana.Sending;

namespace GridTokenX.Solana.Tests.Rpc;

/// <summary>The sender against a node whose state the test sets.</summary>
public sealed class TransactionSenderTests : IDisposable
{
    private const string Landed =
        """{"slot":12,"confirmations":1,"err":null,"confirmationStatus":"confirmed"}""";

    private readonly WatchedTime _time = new();
    private readonly ScriptedNode _node = new();
    private readonly Keypair _payer = Some.Keypair("payer");
    private readonly List<string> _sent = [];
    private ulong _height = 10;
    private string _status = "null";
    private string _history = "null";
    private Action<int>? _onStatus;
    private int _statusRequests;

    public TransactionSenderTests()
    {
        _node.Otherwise = Answer;
    }

    public void Dispose() => _payer.Dispose();

    [Fact]
    public async Task A_transaction_that_lands_is_confirmed()
    {
        _status = Landed;
        var outcome = await RunAsync(Sign());
        outcome.Status.ShouldBe(SubmissionStatus.Confirmed);
        outcome.Slot.ShouldBe(12UL);
        outcome.RequireConfirmed().ShouldBe(outcome);
        _sent.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_processed_status_is_not_enough()
    {
        _status = """{"slot":12,"confirmations":0,"err":null,"confirmationStatus":"processed"}""";
        _onStatus = request => _status = request >= 5 ? Landed : _status;
        (await RunAsync(Sign())).Status.ShouldBe(SubmissionStatus.Confirmed);
        _statusRequests.ShouldBe(5);
    }

    [Fact]
    public async Task The_same_bytes_are_sent_again_while_the_chain_does_not_know_them()
    {
        _onStatus = _ => _status = _sent.Count >= 3 ? Landed : "null";
        (await RunAsync(Sign())).Status.ShouldBe(SubmissionStatus.Confirmed);
        _sent.Count.ShouldBe(3);
        _sent.Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Past_its_last_block_an_unknown_transaction_is_expired()
    {
        _onStatus = request => _height = request > 3 ? 101UL : 10UL;
        var outcome = await RunAsync(Sign());
        outcome.Status.ShouldBe(SubmissionStatus.Expired);
        Should.Throw<TransactionNotConfirmedException>(outcome.RequireConfirmed);
        Searched().ShouldBe([.. Enumerable.Repeat(false, _statusRequests - 1), true]);
    }

    [Fact]
    public async Task At_its_last_block_it_may_still_land()
    {
        _height = 100;
        _onStatus = request => _height = request > 30 ? 101UL : 100UL;
        (await RunAsync(Sign())).Status.ShouldBe(SubmissionStatus.Expired);
        _statusRequests.ShouldBeGreaterThan(30);
    }

    [Fact]
    public async Task What_only_the_history_knows_is_confirmed_and_not_expired()
    {
        _height = 101;
        _history = """{"slot":5,"confirmations":null,"err":null,"confirmationStatus":"finalized"}""";
        var outcome = await RunAsync(Sign() with { MayHaveBeenSent = true });
        outcome.Status.ShouldBe(SubmissionStatus.Confirmed);
        outcome.Slot.ShouldBe(5UL);
        _sent.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_transaction_the_node_tried_and_refused_is_rejected()
    {
        _node.Error("""{"code":-32002,"message":"no","data":{"err":"InsufficientFundsForFee","logs":["why"]}}""");
        var outcome = await RunAsync(Sign());
        outcome.Status.ShouldBe(SubmissionStatus.Rejected);
        outcome.Error!.Kind.ShouldBe(TransactionErrorKind.InsufficientFundsForFee);
        outcome.Logs.ShouldBe(["why"]);
        Should.Throw<TransactionNotConfirmedException>(outcome.RequireConfirmed).Message.ShouldContain("why");
    }

    [Fact]
    public async Task A_transaction_that_failed_on_the_chain_tells_why()
    {
        _status = """
            {"slot":12,"confirmations":1,"err":{"InstructionError":[0,{"Custom":1}]},"confirmationStatus":"confirmed"}
            """;
        var outcome = await RunAsync(Sign());
        outcome.Status.ShouldBe(SubmissionStatus.Failed);
        outcome.Error!.Instruction.ShouldBe(new InstructionError(0, "Custom", 1));
    }

    [Fact]
    public async Task Already_processed_means_that_the_first_copy_landed()
    {
        _node.Error("""{"code":-32002,"message":"no","data":{"err":"AlreadyProcessed","logs":[]}}""");
        _status = Landed;
        (await RunAsync(Sign())).Status.ShouldBe(SubmissionStatus.Confirmed);
    }

    [Fact]
    public async Task An_unknown_blockhash_is_decided_by_the_block_height()
    {
        _node.Error("""{"code":-32002,"message":"no","data":{"err":"BlockhashNotFound","logs":[]}}""");
        _height = 101;
        (await RunAsync(Sign())).Status.ShouldBe(SubmissionStatus.Expired);
    }

    [Fact]
    public async Task Without_a_decision_in_time_the_caller_hears_that_it_is_undecided() =>
        await Should.ThrowAsync<TransactionUndecidedException>(() => RunAsync(Sign()));

    [Fact]
    public async Task A_first_copy_that_may_have_arrived_is_looked_for_and_not_tried_again_at_once()
    {
        _node.Breaks();
        _status = Landed;
        (await RunAsync(Sign())).Status.ShouldBe(SubmissionStatus.Confirmed);
        _sent.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_refusal_of_bytes_that_may_have_been_sent_decides_nothing()
    {
        _node.Result("""{"context":{"slot":1},"value":[null]}""").Result("10")
            .Error("""{"code":-32002,"message":"no","data":{"err":{"InstructionError":[0,{"Custom":1}]},"logs":[]}}""");
        _status = Landed;
        var outcome = await RunAsync(Sign() with { MayHaveBeenSent = true });
        outcome.Status.ShouldBe(SubmissionStatus.Confirmed);
    }

    [Fact]
    public async Task A_lost_connection_is_thrown_so_that_the_same_bytes_can_be_submitted_again()
    {
        _node.Breaks().Breaks().Breaks().Breaks().Breaks();
        await Should.ThrowAsync<SolanaTransportException>(() => RunAsync(Sign()));
        _status = Landed;
        (await RunAsync(Sign() with { MayHaveBeenSent = true })).Status.ShouldBe(SubmissionStatus.Confirmed);
    }

    [Fact]
    public async Task After_expiry_it_is_signed_anew_with_another_blockhash()
    {
        _onStatus = _ =>
        {
            _height = _sent.Count > 0 && _sent[^1] == _sent[0] ? 101UL : 10UL;
            _status = _sent[^1] == _sent[0] ? "null" : Landed;
        };
        var sender = new TransactionSender(_node.Client(_time), new TransactionSenderOptions(), _time);
        var outcome = await _time.RunAsync(
            sender.SendAndConfirmAsync([Programs.MemoProgram.AddMemo("m")], [_payer]), TimeSpan.FromSeconds(1));
        outcome.Status.ShouldBe(SubmissionStatus.Confirmed);
        _sent.Distinct().Count().ShouldBe(2);
    }

    [Fact]
    public async Task Signing_anew_has_a_bound()
    {
        _height = 101;
        var sender = new TransactionSender(_node.Client(_time), new TransactionSenderOptions(), _time);
        var signed = 0;
        var outcome = await _time.RunAsync(
            sender.SendAndConfirmAsync(blockhash =>
            {
                signed++;
                return Some.Transfer(_payer, blockhash).Sign(_payer);
            }),
            TimeSpan.FromSeconds(1));
        outcome.Status.ShouldBe(SubmissionStatus.Expired);
        signed.ShouldBe(3);
    }

    [Fact]
    public async Task Many_under_way_at_once_each_get_their_own_outcome()
    {
        _status = Landed;
        var sender = new TransactionSender(_node.Client(_time), new TransactionSenderOptions(), _time);
        var all = Enumerable.Range(0, 200).Select(i => Sign((ulong)i)).ToList();
        var outcomes = await _time.RunAsync(
            Task.WhenAll(all.Select(transaction => sender.SubmitAsync(transaction))), TimeSpan.FromSeconds(1));
        outcomes.ShouldAllBe(outcome => outcome.Status == SubmissionStatus.Confirmed);
        outcomes.Select(outcome => outcome.Signature).ShouldBe(all.Select(transaction => transaction.Signature));
    }

    private SignedTransaction Sign(ulong lamports = 1) => SignedTransaction.From(
        Some.Transfer(_payer, lamports: lamports).Sign(_payer), new LatestBlockhash(Some.Blockhash(), 100, 1));

    private Task<SubmissionOutcome> RunAsync(SignedTransaction transaction)
    {
        var sender = new TransactionSender(_node.Client(_time), new TransactionSenderOptions(), _time);
        // Polls and delays pass at once; the ten seconds of a request's time-out do not.
        return _time.RunAsync(sender.SubmitAsync(transaction), TimeSpan.FromSeconds(1));
    }

    private IEnumerable<bool> Searched() => _node.Requests
        .Where(request => request.GetProperty("method").GetString() == "getSignatureStatuses")
        .Select(request => request.GetProperty("params")[1].GetProperty("searchTransactionHistory").GetBoolean());

    private string Answer(JsonElement request)
    {
        var parameters = request.GetProperty("params");
        switch (request.GetProperty("method").GetString())
        {
            case "sendTransaction":
                var wire = parameters[0].GetString()!;
                lock (_sent)
                {
                    _sent.Add(wire);
                }

                return $"\"{Transaction.FromBase64(wire).Id}\"";
            case "getSignatureStatuses":
                _onStatus?.Invoke(++_statusRequests);
                _statusRequests += _onStatus is null ? 1 : 0;
                var status = parameters[1].GetProperty("searchTransactionHistory").GetBoolean() ? _history : _status;
                var rows = string.Join(',', Enumerable.Repeat(status, parameters[0].GetArrayLength()));
                return $$"""{"context":{"slot":1},"value":[{{rows}}]}""";
            case "getBlockHeight":
                return _height.ToString(System.Globalization.CultureInfo.InvariantCulture);
            case "getLatestBlockhash":
                var blockhash = Some.Blockhash($"blockhash {_node.Requests.Count}");
                return $$$"""
                    {"context":{"slot":1},"value":{"blockhash":"{{{blockhash}}}","lastValidBlockHeight":100}}
                    """;
            case "getTransaction":
                return "null";
            case var other:
                throw new InvalidOperationException($"No answer to {other}.");
        }
    }
}
