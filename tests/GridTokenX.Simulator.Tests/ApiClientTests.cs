using System.Net;
using System.Text.Json;
using System.Threading.Channels;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using GridTokenX.Simulator.Cloud;

namespace GridTokenX.Simulator.Tests;

public sealed class ApiClientTests : IDisposable
{
    private readonly PausingTime _time = new();
    private readonly ScriptedTransport _transport = new();
    private readonly ApiClient _client;

    public ApiClientTests() => _client = new ApiClient(new Uri("http://cloud.test/"), _transport, new WallTime(_time));

    public void Dispose()
    {
        _client.Dispose();
        _transport.Dispose();
    }

    [Fact]
    public async Task A_part_that_is_away_is_asked_again_with_the_same_key_and_a_fresh_signature()
    {
        using var key = SigningKey.Generate();
        _transport.Script(Away, Away, Status(HttpStatusCode.BadGateway), Ok);
        var request = ApiRequest.Post(
            "/api/x", new AdvanceRequest(_time.GetUtcNow()), ProtocolJson.Default.AdvanceRequest, key, "order-1");
        (await PumpAsync(_client.SendAsync(request, CancellationToken.None))).ShouldBe("{}"u8.ToArray());
        _transport.Sent.Count.ShouldBe(4);
        _transport.Sent.ShouldAllBe(static sent => sent.IdempotencyKey == "order-1" && sent.Signatures == 1);
    }

    [Fact]
    public async Task A_refusal_is_not_repeated()
    {
        _transport.Script(Problem(HttpStatusCode.Conflict, ProblemCodes.OrderNotActive));
        var refusal = await Should.ThrowAsync<ApiException>(
            _client.SendAsync(ApiRequest.Get("/x"), CancellationToken.None));
        refusal.Status.ShouldBe(HttpStatusCode.Conflict);
        refusal.Code.ShouldBe(ProblemCodes.OrderNotActive);
        _transport.Sent.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_part_that_forgot_the_time_is_told_it_before_the_request_is_repeated()
    {
        var told = 0;
        _client.ClockNotSet = _ =>
        {
            told++;
            return Task.CompletedTask;
        };
        _transport.Script(Problem(HttpStatusCode.ServiceUnavailable, ProblemCodes.ClockNotSet), Ok);
        _ = await _client.SendAsync(ApiRequest.Get("/x"), CancellationToken.None);
        told.ShouldBe(1);
    }

    [Fact]
    public async Task Patience_ends_after_two_minutes_without_an_answer()
    {
        _transport.Script([.. Enumerable.Repeat(Away, 500)]);
        var started = _time.GetUtcNow();
        var fault = await Should.ThrowAsync<ApiException>(
            PumpAsync(_client.SendAsync(ApiRequest.Get("/x"), CancellationToken.None)));
        fault.Message.ShouldContain("no answer for 120 s");
        (_time.GetUtcNow() - started).ShouldBeInRange(ApiClient.Patience, ApiClient.Patience + TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task Answers_that_cannot_be_read_are_faults_of_the_part()
    {
        _transport.Script(Ok);
        var fault = await Should.ThrowAsync<ApiException>(
            _client.SendAsync(ApiRequest.Get("/x"), ProtocolJson.Default.OrderList, CancellationToken.None));
        fault.Message.ShouldContain("cannot be read");
    }

    private static HttpResponseMessage Away() => throw new HttpRequestException("away");

    private static HttpResponseMessage Ok() => new(HttpStatusCode.OK) { Content = new StringContent("{}") };

    private static Func<HttpResponseMessage> Status(HttpStatusCode status) => () => new HttpResponseMessage(status);

    private static Func<HttpResponseMessage> Problem(HttpStatusCode status, string code)
    {
        var problem = new Problem("about:blank", "no", (int)status, code, Detail: null);
        return () => new HttpResponseMessage(status)
        {
            Content = new StringContent(JsonSerializer.Serialize(problem, ProtocolJson.Default.Problem)),
        };
    }

    /// <summary>Lets each pause of the client pass as soon as it begins.</summary>
    private async Task<T> PumpAsync<T>(Task<T> task)
    {
        while (!task.IsCompleted)
        {
            var pause = _time.NextPauseAsync();
            if (await Task.WhenAny(task, pause) == pause)
            {
                _time.Advance(await pause);
            }
        }

        return await task;
    }

    /// <summary>A stepped clock that tells which pauses are waited for; time-outs are no pauses.</summary>
    private sealed class PausingTime : TimeProvider
    {
        private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

        private readonly SteppedTime _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        private readonly Channel<TimeSpan> _pauses = Channel.CreateUnbounded<TimeSpan>();

        public override DateTimeOffset GetUtcNow() => _clock.GetUtcNow();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = _clock.CreateTimer(callback, state, dueTime, period);
            if (dueTime <= LongestPause)
            {
                _ = _pauses.Writer.TryWrite(dueTime);
            }

            return timer;
        }

        public Task<TimeSpan> NextPauseAsync() => _pauses.Reader.ReadAsync().AsTask();

        public void Advance(TimeSpan pause) => _clock.Advance(pause);
    }

    private sealed record SentRequest(string? IdempotencyKey, int Signatures);

    private sealed class ScriptedTransport : HttpMessageHandler
    {
        private readonly Queue<Func<HttpResponseMessage>> _answers = new();

        public List<SentRequest> Sent { get; } = [];

        public void Script(params Func<HttpResponseMessage>[] answers) => Array.ForEach(answers, _answers.Enqueue);

        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var keys = request.Headers.TryGetValues("Idempotency-Key", out var values) ? values : [];
            var signatures = request.Headers.TryGetValues("Signature", out var signed) ? signed : [];
            Sent.Add(new SentRequest(keys.SingleOrDefault(), signatures.Count()));
            return Task.Run(_answers.Dequeue(), CancellationToken.None);
        }
    }
}
