using System.Net;
using GridTokenX.CloudCore.Ingest;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;
using Microsoft.Extensions.DependencyInjection;

namespace GridTokenX.CloudCore.Tests.Gateways;

/// <summary>One device after another at a meter: nothing jumps, nothing counts twice, nothing that was signed is lost.
/// </summary>
#pragma warning disable CA1001 // DisposeAsync of xunit gives it back.
public sealed class SuccessionTests : IAsyncLifetime
#pragma warning restore CA1001
{
    private const string MeterId = "MTR-1";
    private CloudHost _host = null!;
    private OwnedGateway _owned = null!;
    private CountingDevice _old = null!;

    public async Task InitializeAsync()
    {
        _host = await CloudHost.StartAsync();
        _owned = await OwnedGateway.ClaimedAsync(_host);
        _old = new CountingDevice();
        await _owned.PairAsync(MeterId, _old.Key).ShouldBeStatusAsync(HttpStatusCode.OK);
        await GoOnAsync(1);
    }

    public async Task DisposeAsync()
    {
        _old.Dispose();
        _owned.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task A_new_device_goes_on_where_the_old_one_stood()
    {
        await AcceptedAsync(_old.Read(_host.Now, 1_000, 200));
        await GoOnAsync(1);
        using var next = new CountingDevice(production: 900_000, consumption: 77);
        await ReplaceAsync(next);
        await GoOnAsync(1);

        await AcceptedAsync(next.Read(_host.Now, 400, 0));
        await TotalsShouldBeAsync(1.0m, 0.2m);
        await GoOnAsync(1);
        await AcceptedAsync(next.Read(_host.Now, 300, 50));
        await TotalsShouldBeAsync(1.3m, 0.25m);
        (await MeterAsync()).Device.ShouldBe(next.Key.PublicKey);
    }

    [Fact]
    public async Task Several_first_readings_in_one_batch_begin_with_the_first_of_them()
    {
        using var next = new CountingDevice(production: 5_000);
        await ReplaceAsync(next);
        var batch = new List<SignedReading>();
        for (var i = 0; i < 3; i++)
        {
            await GoOnAsync(1);
            batch.Add(next.Read(_host.Now, 100, 10));
        }

        await AcceptedAsync([.. batch]);
        await TotalsShouldBeAsync(0.2m, 0.02m);
    }

    [Fact]
    public async Task What_the_old_device_had_signed_before_still_counts_and_what_it_signs_afterwards_does_not()
    {
        await AcceptedAsync(_old.Read(_host.Now, 1_000, 0));
        await GoOnAsync(1);
        var late = _old.Read(_host.Now, 250, 0);
        using var next = new CountingDevice();
        await ReplaceAsync(next);
        await GoOnAsync(1);
        var tooLate = _old.Read(_host.Now, 5_000, 0);
        await AcceptedAsync(next.Read(_host.Now, 70, 0));
        await GoOnAsync(1);
        await AcceptedAsync(next.Read(_host.Now, 30, 0));
        await TotalsShouldBeAsync(1.03m, 0);

        await AcceptedAsync(late);
        await TotalsShouldBeAsync(1.28m, 0);
        (await SendAsync(late)).ShouldBe([ReadingResult.Duplicate]);
        (await SendAsync(tooLate)).ShouldBe([ProblemCodes.DeviceReplaced]);
        await GoOnAsync(1);
        await AcceptedAsync(next.Read(_host.Now, 20, 0));
        await TotalsShouldBeAsync(1.3m, 0);
    }

    [Fact]
    public async Task What_the_new_device_counted_before_its_installation_is_refused()
    {
        using var next = new CountingDevice();
        var bench = next.Read(_host.Now - TimeSpan.FromHours(1), 50_000, 0);
        await ReplaceAsync(next);
        (await SendAsync(bench)).ShouldBe([ProblemCodes.TooOld]);
        await GoOnAsync(1);
        await AcceptedAsync(next.Read(_host.Now, 10, 0));
        await TotalsShouldBeAsync(0, 0);
    }

    [Theory]
    [InlineData(100_000, true)]
    [InlineData(100_001, false)]
    public async Task A_first_reading_that_comes_late_raises_the_meter_by_what_an_interval_admits(
        long producedWh, bool isTaken)
    {
        using var next = new CountingDevice();
        await ReplaceAsync(next);
        await GoOnAsync(1);
        var first = next.Read(_host.Now, 0, 0);
        using var there = await OwnedGateway.ClaimedAsync(_host, _owned.Owner);
        await there.PairAsync(MeterId, next.Key).ShouldBeStatusAsync(HttpStatusCode.OK);
        await GoOnAsync(1);
        await AcceptedAsync(there.Gateway, next.Read(_host.Now, producedWh, 0));
        await TotalsShouldBeAsync(0, 0);

        (await SendAsync(first)).ShouldBe([isTaken ? ReadingResult.Accepted : ProblemCodes.EnergyOutOfRange]);
        await TotalsShouldBeAsync(isTaken ? producedWh / 1_000m : 0, 0);
    }

    [Fact]
    public async Task A_key_that_was_at_a_meter_comes_back_at_none()
    {
        using var next = new CountingDevice();
        await ReplaceAsync(next);
        await _owned.PairAsync(MeterId, _old.Key, next.Key.PublicKey).ShouldBeProblemAsync(
            HttpStatusCode.Conflict, ProblemCodes.DeviceRegistered);
        await _owned.PairAsync("MTR-2", _old.Key).ShouldBeProblemAsync(
            HttpStatusCode.Conflict, ProblemCodes.DeviceRegistered);
        await ReplaceAsync(next, _old.Key.PublicKey);
        (await _host.CountAsync("registration_events where kind = 'device_replaced'")).ShouldBe(1);
    }

    [Fact]
    public async Task After_a_move_the_old_gateway_brings_what_it_had_and_nothing_younger()
    {
        await AcceptedAsync(_old.Read(_host.Now, 1_000, 0));
        await GoOnAsync(1);
        var kept = _old.Read(_host.Now, 100, 0);
        using var there = await OwnedGateway.ClaimedAsync(_host, _owned.Owner);
        await there.PairAsync(MeterId, _old.Key).ShouldBeStatusAsync(HttpStatusCode.OK);
        await GoOnAsync(1);
        var younger = _old.Read(_host.Now, 200, 0);

        (await SendAsync(younger)).ShouldBe([ProblemCodes.DeviceMoved]);
        await AcceptedAsync(there.Gateway, younger);
        await TotalsShouldBeAsync(1.3m, 0);
        await AcceptedAsync(kept);
        (await SendAsync(kept)).ShouldBe([ReadingResult.Duplicate]);
        await TotalsShouldBeAsync(1.3m, 0);
        (await _host.CountAsync("readings")).ShouldBe(3);
    }

    [Fact]
    public async Task A_stranger_brings_nothing_and_a_forgery_is_none()
    {
        await GoOnAsync(1);
        var kept = _old.Read(_host.Now, 100, 0);
        using var next = new CountingDevice();
        await ReplaceAsync(next);
        using var stranger = await OwnedGateway.ClaimedAsync(_host);

        (await SendAsync(stranger.Gateway, kept)).ShouldBe([ProblemCodes.UnknownDevice]);
        (await SendAsync(kept with { ProductionWh = kept.ProductionWh + 1 })).ShouldBe([ProblemCodes.BadSignature]);
        await TotalsShouldBeAsync(0, 0);
    }

    [Fact]
    public async Task Nothing_of_a_revoked_device_is_believed_and_its_locks_end()
    {
        await AcceptedAsync(_old.Read(_host.Now, 1_000, 0));
        await GoOnAsync(1);
        var kept = _old.Read(_host.Now, 100, 0);
        using var stranger = SigningKey.Generate();
        await _host.Client(stranger).PostAsync($"/api/meters/{MeterId}/revoke", null)
            .ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.Forbidden);
        for (var i = 0; i < 2; i++)
        {
            await _host.Client(_owned.Owner).PostAsync($"/api/meters/{MeterId}/revoke", null)
                .ShouldBeStatusAsync(HttpStatusCode.NoContent);
        }

        (await SendAsync(kept)).ShouldBe([ProblemCodes.DeviceRevoked]);
        (await _host.GetAsync(_owned.Gateway, $"{_owned.Path}/devices")
            .Then(ProtocolJson.Default.IReadOnlyListGatewayDevice)).ShouldBeEmpty();
        using var next = new CountingDevice();
        await _owned.PairAsync(MeterId, next.Key, _old.Key.PublicKey).ShouldBeProblemAsync(
            HttpStatusCode.Conflict, ProblemCodes.MeterRevoked);
        (await _host.CountAsync("registration_events where kind = 'device_revoked'")).ShouldBe(1);
        (await MeterAsync()).RevokedAt.ShouldBe(_host.Now);
    }

    private async Task GoOnAsync(int quarters) =>
        _ = await _host.AdvanceAsync(_host.Now + (quarters * VirtualHome.Interval));

    private Task ReplaceAsync(CountingDevice next, Key32? old = null) =>
        _owned.PairAsync(MeterId, next.Key, old ?? _old.Key.PublicKey).ShouldBeStatusAsync(HttpStatusCode.OK);

    private Task AcceptedAsync(params SignedReading[] readings) => AcceptedAsync(_owned.Gateway, readings);

    private async Task AcceptedAsync(SigningKey gateway, params SignedReading[] readings) =>
        (await SendAsync(gateway, readings)).ShouldAllBe(static outcome => outcome == ReadingResult.Accepted);

    private Task<IReadOnlyList<string>> SendAsync(params SignedReading[] readings) =>
        SendAsync(_owned.Gateway, readings);

    private async Task<IReadOnlyList<string>> SendAsync(SigningKey gateway, params SignedReading[] readings)
    {
        var results = await _host.Services.GetRequiredService<ReadingIngest>().TakeAsync(
            [.. readings.Select(static reading => Submission.Of(reading))], gateway.PublicKey, CancellationToken.None);
        return [.. results.Select(static result => result.Code ?? result.Status)];
    }

    private async Task TotalsShouldBeAsync(decimal production, decimal consumption)
    {
        var meter = await MeterAsync();
        (meter.ProductionKwh, meter.ConsumptionKwh).ShouldBe((production, consumption));
    }

    private Task<MeterView> MeterAsync() =>
        _host.GetAsync(_owned.Owner, $"/api/meters/{MeterId}").Then(ProtocolJson.Default.MeterView);
}
