using GridTokenX.EdgeGateway.Forwarding;
using GridTokenX.EdgeGateway.Outbox;
using GridTokenX.EdgeGateway.Tests.Support;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using GridTokenX.Testing;

namespace GridTokenX.EdgeGateway.Tests;

public sealed class ForwardingTests : IAsyncLifetime
{
    private World _world = null!;

    public static TheoryData<string> FaultNames => [.. Faults.Keys];

    private static Dictionary<string, ScriptedCloud.Fault> Faults { get; } = new(StringComparer.Ordinal)
    {
        ["500"] = ScriptedCloud.Status(500),
        ["503"] = ScriptedCloud.Status(503),
        ["429"] = ScriptedCloud.Status(429),
        ["401"] = ScriptedCloud.Status(401),
        ["404"] = ScriptedCloud.Status(404),
        ["413"] = ScriptedCloud.Status(413),
        ["no body"] = ScriptedCloud.Body(string.Empty),
        ["no JSON"] = ScriptedCloud.Body("<html>Bad gateway</html>"),
        ["null"] = ScriptedCloud.Body("null"),
        ["empty object"] = ScriptedCloud.Body("{}"),
        ["results null"] = ScriptedCloud.Body("""{"results":null}"""),
        ["results of nothing"] = ScriptedCloud.Body("""{"results":[null,null,null]}"""),
        ["connection broken at once"] = static (context, _, _) =>
        {
            context.Abort();
            return Task.CompletedTask;
        },
        ["half an answer after the batch was taken"] = ScriptedCloud.HalfAnAnswer(),
        ["one result too few"] = ScriptedCloud.Answer(static answer => new([.. answer.Results.Skip(1)])),
        ["one result too many"] = ScriptedCloud.Answer(static answer => new([.. answer.Results, answer.Results[0]])),
        ["results in another order"] = ScriptedCloud.Answer(static answer => new([.. answer.Results.Reverse()])),
        ["results of others"] = ScriptedCloud.Answer(static answer =>
            new([.. answer.Results.Select(static result => result with { Sequence = result.Sequence + 100 })])),
        ["an unknown status"] = ScriptedCloud.Answer(static answer =>
            new([.. answer.Results.Select(static result => result with { Status = "lost" })])),
        ["refused without a code"] = ScriptedCloud.Answer(static answer =>
            new([.. answer.Results.Select(static result => result with { Status = "rejected", Code = null })])),
    };

    public async Task InitializeAsync() => _world = await World.CreateAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Theory]
    [MemberData(nameof(FaultNames))]
    public async Task An_answer_that_does_not_fit_marks_nothing_and_the_batch_is_sent_again(string name)
    {
        _world.Cloud.FailNext(1, Faults[name]);
        var marked = -1L;
        _world.Cloud.Faults.Enqueue(async (context, _, take) =>
        {
            marked = _world.Count("reading where status <> 0");
            await ScriptedCloud.Answer(static answer => answer)(context, [], take);
        });
        _world.Store([.. Enumerable.Range(1, 3).Select(i => Some.Reading(_world.Device, i))]);

        await _world.StartGatewayAsync();

        await Eventually.HoldsAsync(() => _world.Count("reading where status = 1") == 3);
        marked.ShouldBe(0);
        _world.Cloud.Accepted.Select(static reading => reading.Sequence).ShouldBe([1, 2, 3]);
        await Eventually.HoldsAsync(async () => (await _world.StatusAsync()).Backlog == 0);
        (await _world.StatusAsync()).ShouldSatisfyAllConditions(
            static status => status.Quarantined.ShouldBe(0),
            static status => status.CloudReachable.ShouldBeTrue());
    }

    [Fact]
    public async Task Five_failures_in_a_row_raise_the_alarm_and_a_success_clears_it()
    {
        var wall = new SteppedTime(Some.Noon.AddMinutes(15));
        await using var world = await World.StartAsync(wall);
        world.Cloud.FailNext(1000, ScriptedCloud.Status(500));
        var reading = Some.Reading(world.Device, 1);

        await world.Fleet.SendAsync(reading);

        // The cloud answers other requests meanwhile: what counts is that it is seen to be away.
        await AdvanceUntilAsync(
            wall, world, async () => await world.StatusAsync() is { CloudReachable: false } status
                && status.Alarm?.Contains("in a row", StringComparison.Ordinal) == true);
        (await world.StatusAsync()).Backlog.ShouldBe(1);

        world.Cloud.BatchSizes.Count.ShouldBeGreaterThanOrEqualTo(Forwarder.FailuresBeforeAlarm - 2);
        world.Cloud.Faults.Clear();
        await AdvanceUntilAsync(
            wall, world, async () => await world.StatusAsync() is { Backlog: 0, Alarm: null });
    }

    [Fact]
    public async Task Each_devices_readings_go_in_the_order_of_their_sequence_however_they_arrived()
    {
        using var other = SigningKey.Generate();
        _world.Register(other);
        var readings = Enumerable.Range(1, 700).Reverse()
            .SelectMany(i => new[] { Some.Reading(_world.Device, i), Some.Reading(other, i) })
            .ToList();
        _world.Store(readings);

        await _world.StartGatewayAsync();

        await Eventually.HoldsAsync(() => _world.Cloud.Accepted.Count == readings.Count, TimeSpan.FromSeconds(60));
        foreach (var key in new[] { _world.Device.PublicKey, other.PublicKey })
        {
            _world.Cloud.Accepted.Where(reading => reading.Device == key).Select(static reading => reading.Sequence)
                .ShouldBe(Enumerable.Range(1, 700).Select(static i => (long)i));
        }

        _world.Cloud.BatchSizes.Max().ShouldBe(Forwarder.MaxBatch);
        _world.Count("quarantine").ShouldBe(0);
    }

    [Fact]
    public async Task A_reading_that_overtook_an_older_one_waits_for_it()
    {
        await _world.StartGatewayAsync();
        List<int> arrivals = [2, 4, 3, 1];

        foreach (var sequence in arrivals)
        {
            await _world.Fleet.SendUntilAcknowledgedAsync([Some.Reading(_world.Device, sequence)]);
        }

        await _world.NothingIsLeftAsync();
        _world.Cloud.Accepted.Select(static reading => reading.Sequence).ShouldBe([1, 2, 3, 4]);
        (await _world.StatusAsync()).Quarantined.ShouldBe(0);
    }

    [Fact]
    public async Task A_refused_reading_goes_to_quarantine_with_its_code_and_the_others_go_on()
    {
        using var other = SigningKey.Generate();
        _world.Register(other);
        _world.Cloud.Refused[other.PublicKey] = ProblemCodes.RegisterRegression;
        await _world.StartGatewayAsync();

        await _world.Fleet.SendAllAsync([Some.Reading(other, 1), Some.Reading(_world.Device, 1)]);

        await _world.NothingIsLeftAsync();
        await Eventually.HoldsAsync(() => _world.Count("reading where status <> 0") == 2);
        _world.Count($"quarantine where code = '{ProblemCodes.RegisterRegression}'").ShouldBe(1);
        _world.Cloud.Accepted.Single().Device.ShouldBe(_world.Device.PublicKey);
        (await _world.StatusAsync()).Quarantined.ShouldBe(1);

        await _world.StopGatewayAsync();
        await _world.StartGatewayAsync();
        (await _world.StatusAsync()).Quarantined.ShouldBe(1);
    }

    [Fact]
    public async Task A_device_that_the_cloud_does_not_know_yet_waits_without_holding_up_the_others()
    {
        using var other = SigningKey.Generate();
        _world.Register(other);
        _world.Cloud.Refused[other.PublicKey] = ProblemCodes.UnknownDevice;
        await _world.StartGatewayAsync();

        await _world.Fleet.SendAllAsync(Enumerable.Range(1, 3).SelectMany(i =>
            new[] { Some.Reading(other, i), Some.Reading(_world.Device, i) }));
        await Eventually.HoldsAsync(() => _world.Cloud.Accepted.Count == 3);
        _world.Count("quarantine").ShouldBe(0);

        _ = _world.Cloud.Refused.TryRemove(other.PublicKey, out _);

        await _world.NothingIsLeftAsync();
        _world.Cloud.Accepted.Where(reading => reading.Device == other.PublicKey)
            .Select(static reading => reading.Sequence).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task Not_now_becomes_never_after_its_attempts()
    {
        var wall = new SteppedTime(Some.Noon.AddMinutes(15));
        await using var world = await World.StartAsync(wall);
        world.Cloud.Refused[world.Device.PublicKey] = ProblemCodes.UserNotVerified;

        await world.Fleet.SendAsync(Some.Reading(world.Device, 1));

        await AdvanceUntilAsync(
            wall, world, () => Task.FromResult(world.Count("quarantine") == 1), TimeSpan.FromSeconds(10));
        world.Cloud.BatchSizes.Count.ShouldBeGreaterThanOrEqualTo(DeviceHolds.MaxAttempts + 1);
        (wall.GetUtcNow() - Some.Noon).ShouldBeGreaterThan(TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task Readings_stored_while_the_cloud_was_away_go_out_after_a_restart()
    {
        await _world.StartGatewayAsync();
        await _world.Cloud.StopAsync();
        var readings = Enumerable.Range(1, 20).Select(i => Some.Reading(_world.Device, i)).ToList();
        await _world.Fleet.SendUntilAcknowledgedAsync(readings);
        await _world.StopGatewayAsync();

        // It starts without the cloud as well, and knows its devices.
        await _world.StartGatewayAsync(awaitDevices: false);
        var another = Some.Reading(_world.Device, 21);
        await _world.Fleet.SendUntilAcknowledgedAsync([another]);
        (await _world.StatusAsync()).ShouldSatisfyAllConditions(
            static status => status.Backlog.ShouldBe(21),
            static status => status.Devices.ShouldBe(1));
        await _world.Cloud.RestartAsync();

        await _world.NothingIsLeftAsync();
        _world.Cloud.Accepted.Count.ShouldBe(21);
    }

    [Fact]
    public async Task A_cloud_that_never_answers_is_given_up_after_its_time()
    {
        var wall = new SteppedTime(Some.Noon.AddMinutes(15));
        await using var world = await World.StartAsync(wall);
        var release = new TaskCompletionSource();
        world.Cloud.Faults.Enqueue((_, _, _) => release.Task);

        await world.Fleet.SendAsync(Some.Reading(world.Device, 1));
        await Eventually.HoldsAsync(() => !world.Cloud.IsIdle);

        await Eventually.HoldsAsync(() =>
        {
            wall.Advance(TimeSpan.FromSeconds(5));
            return world.Cloud.Accepted.Count == 1;
        });
        release.SetResult();
    }

    /// <summary>
    /// Moves wall time on whenever the cloud is not just being asked. A request that is on its way at that moment may
    /// run out of its time: one failure or one batch more than scripted.
    /// </summary>
    private static Task AdvanceUntilAsync(
        SteppedTime wall, World world, Func<Task<bool>> condition, TimeSpan? step = null) =>
        Eventually.HoldsAsync(async () =>
        {
            if (world.Cloud.IsIdle)
            {
                wall.Advance(step ?? TimeSpan.FromSeconds(1));
            }

            return await condition();
        });
}
