using System.Collections.Concurrent;
using System.Net;
using GridTokenX.CloudCore.Simulation;
using GridTokenX.Protocol.Time;
using Microsoft.Extensions.DependencyInjection;

namespace GridTokenX.CloudCore.Tests.Simulation;

public sealed class WorkerLoopTests
{
    [Fact]
    public async Task In_production_a_worker_runs_each_interval_of_market_time()
    {
        var clock = new SteppedTime(CloudHost.Noon);
        var worker = new SignallingWorker(clock);
        await using var host = await StartAsync(clock, worker);

        await worker.RanAsync(1, clock, TimeSpan.Zero);
        await worker.RanAsync(2, clock, worker.Interval);
        await worker.RanAsync(3, clock, worker.Interval);

        var times = worker.Times.Take(3).ToList();
        (times[1] - times[0]).ShouldBeGreaterThanOrEqualTo(worker.Interval);
        (times[2] - times[1]).ShouldBeGreaterThanOrEqualTo(worker.Interval);
    }

    [Fact]
    public async Task A_failing_worker_shows_in_health_tries_again_and_ends_nothing()
    {
        var clock = new SteppedTime(CloudHost.Noon);
        var worker = new SignallingWorker(clock) { Fails = true };
        await using var host = await StartAsync(clock, worker);
        await worker.RanAsync(2, clock, TimeSpan.FromSeconds(1));

        var text = await host.Client().GetStringAsync("/health/ready");
        text.ShouldContain("\"workers\":{\"status\":\"degraded\"");
        text.ShouldContain("signalling: broken");

        worker.Fails = false;
        await worker.RanAsync(worker.Runs + 2, clock, TimeSpan.FromMinutes(1));
        (await host.Client().GetStringAsync("/health/ready")).ShouldContain("\"workers\":{\"status\":\"healthy\"");
        await host.GetAsync(null, "/health").ShouldBeStatusAsync(HttpStatusCode.OK);
    }

    private static Task<CloudHost> StartAsync(TimeProvider clock, IMarketWorker worker) =>
        CloudHost.StartAsync(new CloudHostOptions
        {
            Clock = clock,
            Settings = new Dictionary<string, string> { ["Simulation:Enabled"] = "false" },
            Replace = services => services.AddSingleton(worker),
        });

    private sealed class SignallingWorker(TimeProvider time) : IMarketWorker
    {
        private int _runs;
        private bool _fails;

        /// <summary>The market times at which it ran.</summary>
        public ConcurrentQueue<DateTimeOffset> Times { get; } = new();

        public bool Fails { get => Volatile.Read(ref _fails); set => Volatile.Write(ref _fails, value); }

        public int Runs => Volatile.Read(ref _runs);

        public string Name => "signalling";

        public int Order => 10;

        public TimeSpan Interval => TimeSpan.FromSeconds(5);

        public Task<int> RunOnceAsync(CancellationToken cancellationToken)
        {
            Times.Enqueue(time.GetUtcNow());
            _ = Interlocked.Increment(ref _runs);
            return Fails ? Task.FromException<int>(new NotSupportedException("broken")) : Task.FromResult(0);
        }

        /// <summary>
        /// Moves the clock until the worker has run so often; a step may come before the loop waits for it.
        /// </summary>
        internal async Task RanAsync(int runs, SteppedTime clock, TimeSpan step)
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            while (Runs < runs)
            {
                deadline.Token.ThrowIfCancellationRequested();
                clock.Advance(step);
                await Task.Yield();
            }
        }
    }
}
