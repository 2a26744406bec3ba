using System.Net;
using GridTokenX.CloudCore.Simulation;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace GridTokenX.CloudCore.Tests.Simulation;

public sealed class SimulationTests
{
    [Fact]
    public async Task Nothing_is_answered_before_the_clock_is_set()
    {
        await using var host = await CloudHost.StartAsync(new CloudHostOptions { Now = null });
        using var wallet = SigningKey.Generate();

        await host.GetAsync(wallet, "/api/users/me")
            .ShouldBeProblemAsync(HttpStatusCode.ServiceUnavailable, ProblemCodes.ClockNotSet);
        await host.GetAsync(null, "/health").ShouldBeStatusAsync(HttpStatusCode.OK);
        await host.GetAsync(null, "/health/ready").ShouldBeStatusAsync(HttpStatusCode.OK);
        (await StatusAsync(host)).Now.ShouldBeNull();

        (await host.AdvanceAsync(CloudHost.Noon)).Now.ShouldBe(CloudHost.Noon);
        await host.GetAsync(wallet, "/api/users/me")
            .ShouldBeProblemAsync(HttpStatusCode.NotFound, ProblemCodes.NotFound);
        host.Now.ShouldBe(CloudHost.Noon);
    }

    [Fact]
    public async Task The_clock_stands_moves_on_and_never_goes_back()
    {
        await using var host = await CloudHost.StartAsync();
        (await host.AdvanceAsync(CloudHost.Noon)).Now.ShouldBe(CloudHost.Noon);
        (await host.AdvanceAsync(CloudHost.Noon.AddMinutes(15))).Now.ShouldBe(CloudHost.Noon.AddMinutes(15));
        await host.PostAsync(null, "/simulation/advance", new AdvanceRequest(CloudHost.Noon))
            .ShouldBeProblemAsync(HttpStatusCode.Conflict, ProblemCodes.ClockBehind);
        (await StatusAsync(host)).Now.ShouldBe(CloudHost.Noon.AddMinutes(15));
    }

    [Fact]
    public async Task An_advance_runs_the_workers_in_order_until_none_finds_anything()
    {
        var log = new List<string>();
        var first = new ListedWorker("first", 10, log);
        var second = new ListedWorker("second", 20, log);
        await using var host = await StartWithAsync([second, first]);
        log.Clear();
        first.Work.Enqueue(0);
        second.Work.Enqueue(3);
        first.Work.Enqueue(1);

        _ = await host.AdvanceAsync(CloudHost.Noon.AddMinutes(15));

        log.ShouldBe(["first 0", "second 3", "first 1", "second 0", "first 0"]);
    }

    [Fact]
    public async Task A_failed_advance_is_finished_by_the_same_advance_again()
    {
        var worker = new ListedWorker("worker", 10, []);
        await using var host = await StartWithAsync([worker]);
        worker.Work.Enqueue(-1);
        worker.Work.Enqueue(2);

        await host.PostAsync(null, "/simulation/advance", new AdvanceRequest(CloudHost.Noon.AddMinutes(15)))
            .ShouldBeProblemAsync(HttpStatusCode.InternalServerError, ProblemCodes.InternalError);
        _ = await host.AdvanceAsync(CloudHost.Noon.AddMinutes(15));

        worker.Work.ShouldBeEmpty();
    }

    [Fact]
    public async Task Advances_at_the_same_time_run_one_after_another()
    {
        var worker = new CountingWorker();
        await using var host = await StartWithAsync([worker]);
        _ = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => host.AdvanceAsync(CloudHost.Noon.AddHours(1))));
        worker.MostAtOnce.ShouldBe(1);
    }

    [Fact]
    public async Task A_worker_that_never_ends_is_a_fault_and_not_a_hang()
    {
        var worker = new CountingWorker();
        await using var host = await StartWithAsync([worker]);
        worker.Endless = true;
        await host.PostAsync(null, "/simulation/advance", new AdvanceRequest(CloudHost.Noon.AddHours(1)))
            .ShouldBeProblemAsync(HttpStatusCode.InternalServerError, ProblemCodes.InternalError);
    }

    [Fact]
    public async Task The_status_adds_up_what_the_modules_say()
    {
        await using var host = await CloudHost.StartAsync(new CloudHostOptions
        {
            Replace = static services => services.AddSingleton<ISimulationStatus, SomeCounts>(),
        });
        var status = await StatusAsync(host);
        status.OutboxPending.ShouldBe(3);
        status.DeviceStates.ShouldBe(new Dictionary<string, long> { ["D"] = 9 });
        status.ReadingsAccepted.ShouldBe(0);
    }

    [Fact]
    public async Task Production_has_no_simulation()
    {
        await using var host = await CloudHost.StartAsync(new CloudHostOptions
        {
            Settings = new Dictionary<string, string> { ["Simulation:Enabled"] = "false" },
        });
        await host.PostAsync(null, "/simulation/advance", new AdvanceRequest(CloudHost.Noon))
            .ShouldBeProblemAsync(HttpStatusCode.NotFound, ProblemCodes.NotFound);
        host.Now.ShouldBeGreaterThan(CloudHost.Noon.AddYears(-5));
    }

    [Fact]
    public async Task Only_this_machine_moves_the_clock()
    {
        await using var host = await CloudHost.StartAsync(new CloudHostOptions
        {
            Now = null,
            Replace = static services => services.AddSingleton<IStartupFilter, FromElsewhere>(),
        });
        await host.PostAsync(null, "/simulation/advance", new AdvanceRequest(CloudHost.Noon))
            .ShouldBeProblemAsync(HttpStatusCode.Forbidden, ProblemCodes.Forbidden);
    }

    private static Task<CloudHost> StartWithAsync(IEnumerable<IMarketWorker> workers) =>
        CloudHost.StartAsync(new CloudHostOptions
        {
            Replace = services =>
            {
                foreach (var descriptor in services.Where(static s => s.ServiceType == typeof(IMarketWorker)).ToList())
                {
                    _ = services.Remove(descriptor);
                }

                foreach (var worker in workers)
                {
                    _ = services.AddSingleton(worker);
                }
            },
        });

    private static async Task<CloudSimulationStatus> StatusAsync(CloudHost host) =>
        await host.GetAsync(null, "/simulation/status").Then(ProtocolJson.Default.CloudSimulationStatus);

    private sealed class ListedWorker(string name, int order, List<string> log) : IMarketWorker
    {
        /// <summary>What the next runs report; below zero fails.</summary>
        public Queue<int> Work { get; } = new();

        public string Name => name;

        public int Order => order;

        public TimeSpan Interval => TimeSpan.FromSeconds(5);

        public Task<int> RunOnceAsync(CancellationToken cancellationToken)
        {
            var done = Work.TryDequeue(out var next) ? next : 0;
            log.Add($"{Name} {done}");
            return done < 0 ? Task.FromException<int>(new NotSupportedException("broken")) : Task.FromResult(done);
        }
    }

    private sealed class CountingWorker : IMarketWorker
    {
        private int _running;

        public int MostAtOnce { get; private set; }

        public bool Endless { get; set; }

        public string Name => "counting";

        public int Order => 10;

        public TimeSpan Interval => TimeSpan.FromSeconds(5);

        public async Task<int> RunOnceAsync(CancellationToken cancellationToken)
        {
            MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref _running));
            await Task.Yield();
            _ = Interlocked.Decrement(ref _running);
            return Endless ? 1 : 0;
        }
    }

    private sealed class SomeCounts : ISimulationStatus
    {
        public Task AddToAsync(SimulationCounts counts, CancellationToken cancellationToken)
        {
            counts.OutboxPending += 3;
            counts.DeviceStates["D"] = 9;
            return Task.CompletedTask;
        }
    }

    private sealed class FromElsewhere : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            _ = app.Use(static (context, following) =>
            {
                context.Connection.RemoteIpAddress = IPAddress.Parse("192.0.2.1");
                return following(context);
            });
            next(app);
        };
    }
}
