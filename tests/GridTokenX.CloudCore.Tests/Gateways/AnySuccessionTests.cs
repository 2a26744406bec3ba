using FsCheck;
using FsCheck.Fluent;
using GridTokenX.CloudCore.Ingest;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Readings;
using Microsoft.Extensions.DependencyInjection;

namespace GridTokenX.CloudCore.Tests.Gateways;

/// <summary>
/// However devices follow one another, move, and have their readings delivered, in the end the meter stands at what
/// each
/// of them has counted while it was there, and every reading that was signed in time is stored once.
/// </summary>
public sealed class AnySuccessionTests(CloudFixture fixture) : IClassFixture<CloudFixture>
{
    private readonly CloudHost _host = fixture.Host;

    /// <summary>What happens next: a number says what, and how much.</summary>
    private static Arbitrary<int[]> Lives =>
        Gen.Choose(0, 999).ArrayOf(30).ToArbitrary();

    [Fact]
    public void Any_life_of_a_meter_ends_at_what_its_devices_have_counted() =>
        Prop.ForAll(Lives, LiveAsync).Check(Config.QuickThrowOnFailure.WithMaxTest(30));

    private async Task<bool> LiveAsync(int[] life)
    {
        using var here = await OwnedGateway.ClaimedAsync(_host);
        using var there = await OwnedGateway.ClaimedAsync(_host, here.Owner);
        var meter = new MeterLife(_host, $"M-{here.Gateway.PublicKey}"[..32], [here, there]);
        await meter.BeginAsync();
        var seen = 0m;
        foreach (var step in life)
        {
            await meter.GoOnAsync(step);
            var total = (await meter.ViewAsync()).ProductionKwh;
            total.ShouldBeGreaterThanOrEqualTo(seen);
            seen = total;
        }

        await meter.DeliverAllAsync();
        var view = await meter.ViewAsync();
        (view.ProductionKwh * 1_000, view.ConsumptionKwh * 1_000).ShouldBe((meter.Produced, meter.Consumed));
        (await _host.CountAsync($"readings r join meters m using (device) where m.meter_id = '{meter.MeterId}'")
            + await _host.CountAsync(
                $"readings r join former_devices f using (device) where f.meter_id = '{meter.MeterId}'"))
            .ShouldBe(meter.Signed);
        meter.Dispose();
        return true;
    }

    /// <summary>A plain model: what is signed lies at the gateway that the device had then, until it is delivered.
    /// </summary>
    private sealed class MeterLife(CloudHost host, string meterId, OwnedGateway[] gateways) : IDisposable
    {
        private readonly List<CountingDevice> _devices = [];
        private readonly List<(int Gateway, SignedReading Reading)> _buffers = [];
        private CountingDevice _device = new();
        private int _at;
        private bool _hasBase = true;

        internal string MeterId => meterId;

        internal long Produced { get; private set; }

        internal long Consumed { get; private set; }

        internal int Signed { get; private set; }

        internal async Task BeginAsync()
        {
            _devices.Add(_device);
            await gateways[0].PairAsync(meterId, _device.Key).ShouldBeStatusAsync(System.Net.HttpStatusCode.OK);
        }

        internal async Task GoOnAsync(int step)
        {
            _ = await host.AdvanceAsync(host.Now + TimeSpan.FromMinutes(10));
            switch (step % 10)
            {
                case 0:
                    await ReplaceAsync(step);
                    break;
                case 1:
                    _at = 1 - _at;
                    await gateways[_at].PairAsync(meterId, _device.Key)
                        .ShouldBeStatusAsync(System.Net.HttpStatusCode.OK);
                    break;
                case 2 or 3:
                    await DeliverAsync(step % 2, 1 + (step % 3));
                    break;
                default:
                    Sign(step, step / 7);
                    break;
            }
        }

        internal async Task DeliverAllAsync()
        {
            foreach (var gateway in new[] { 1, 0 })
            {
                await DeliverAsync(gateway, int.MaxValue);
            }
        }

        internal Task<MeterView> ViewAsync() => host
            .GetAsync(gateways[0].Owner, $"/api/meters/{meterId}")
            .Then(Protocol.Json.ProtocolJson.Default.MeterView);

        public void Dispose() => _devices.ForEach(static device => device.Dispose());

        private async Task ReplaceAsync(int step)
        {
            var old = _device.Key.PublicKey;
            _device = new CountingDevice(step * 1_000, step);
            _devices.Add(_device);
            _hasBase = false;
            await gateways[_at].PairAsync(meterId, _device.Key, old)
                .ShouldBeStatusAsync(System.Net.HttpStatusCode.OK);
        }

        private void Sign(int produced, int consumed)
        {
            _buffers.Add((_at, _device.Read(host.Now, produced, consumed)));
            Signed++;
            if (_hasBase)
            {
                Produced += produced;
                Consumed += consumed;
            }

            _hasBase = true;
        }

        /// <summary>As a gateway does: oldest first.</summary>
        private async Task DeliverAsync(int gateway, int most)
        {
            var batch = _buffers.Where(entry => entry.Gateway == gateway).Take(most).ToList();
            var results = await host.Services.GetRequiredService<ReadingIngest>().TakeAsync(
                [.. batch.Select(static entry => Submission.Of(entry.Reading))],
                gateways[gateway].Gateway.PublicKey,
                CancellationToken.None);
            results.ShouldAllBe(static result => result.Status == ReadingResult.Accepted);
            batch.ForEach(entry => _buffers.Remove(entry));
        }
    }
}
