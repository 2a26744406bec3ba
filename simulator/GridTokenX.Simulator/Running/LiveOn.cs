using System.Globalization;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Simulator.Chain;
using GridTokenX.Simulator.Cloud;
using GridTokenX.Simulator.Homes;
using GridTokenX.Simulator.Profiles;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.Simulator.Running;

/// <summary>
/// After the run: time goes on by the real clock, some times as fast, and the homes with it, for visitors of the web
/// page. The days of the run come again. Of what goes wrong is told, and life goes on.
/// </summary>
/// <param name="run">What was played.</param>
/// <param name="neighbourhood">Of the run.</param>
/// <param name="homes">Of the run.</param>
/// <param name="parts">Of the run.</param>
/// <param name="options">How fast, and for which visitors.</param>
/// <param name="tell">Takes lines for people.</param>
internal sealed class LiveOn(
    DemoRun run,
    Neighbourhood neighbourhood,
    IReadOnlyList<Home> homes,
    Parts parts,
    LiveOnOptions options,
    Action<string> tell)
{
    private const int MorningQuarter = 8 * Quarter.PerDay / 24;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan BackOff = TimeSpan.FromSeconds(3);

    private readonly Guests _guests = new(homes, parts, options.GuestFolder);
    private int _quarter = run.LastQuarter;

    public async Task LiveAsync(ChainInfo chain, CancellationToken cancellationToken)
    {
        run.ComesAgain = true;
        var wallets = new Wallets(parts.Rpc, chain, _guests.Others);
        await TryAsync(() => _guests.InviteAsync(cancellationToken), cancellationToken);
        tell("The night passes quickly.");
        while (_quarter % Quarter.PerDay != MorningQuarter)
        {
            _quarter++;
            await TryAsync(() => MeterAsync(cancellationToken), cancellationToken);
        }

        tell(string.Create(CultureInfo.InvariantCulture, $"Time goes on, {options.Speed} times as fast as usual."));
        while (!cancellationToken.IsCancellationRequested)
        {
            var started = parts.Time.Clock.GetTimestamp();
            var from = parts.Clock.Now;
            await TryAsync(() => PassAsync(started, from, cancellationToken), cancellationToken);
            _quarter++;
            await TryAsync(() => MeterAsync(cancellationToken), cancellationToken);
            await TryAsync(
                () => run.TradeAsync(_quarter, chain, _guests.Others, wallets, cancellationToken), cancellationToken);
        }
    }

    /// <summary>The rest of the quarter hour, in step with the real clock.</summary>
    private async Task PassAsync(long started, DateTimeOffset from, CancellationToken cancellationToken)
    {
        var end = neighbourhood.Start + (Quarter.Length * (_quarter + 1));
        while (true)
        {
            var passed = parts.Time.Clock.GetElapsedTime(started) * options.Speed;
            var now = from + TimeSpan.FromSeconds(Math.Floor(passed.TotalSeconds));
            if (now >= end)
            {
                return;
            }

            // Also when it is the same: a core that was started again does not know it.
            await parts.Clock.AdvanceAsync(now > parts.Clock.Now ? now : parts.Clock.Now, cancellationToken);
            run.AnswerHomes(parts.Clock.Now);
            await parts.Time.DelayAsync(Tick, cancellationToken);
        }
    }

    private Task MeterAsync(CancellationToken cancellationToken) =>
        run.MeterAsync(_quarter - 1, _quarter, cancellationToken);

    private async Task TryAsync(Func<Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work();
        }
        catch (Exception exception) when (exception is StuckException or ApiException or SolanaException)
        {
            tell($"It goes on although: {exception.Message}");
            await parts.Time.DelayAsync(BackOff, cancellationToken);
        }
    }
}

/// <param name="Speed">Of market time, against the real clock.</param>
/// <param name="PlayedFile">Written once the report is out, with the exit code of the run in it.</param>
/// <param name="GuestFolder">Where the key files for visitors go.</param>
internal sealed record LiveOnOptions(int Speed, string PlayedFile, string GuestFolder);

/// <summary>
/// Visitors take a place in the neighbourhood: the keys of a prosumer and a consumer, who do not trade by themselves
/// any more, and that of an operator.
/// </summary>
internal sealed class Guests(IReadOnlyList<Home> homes, Parts parts, string folder)
{
    private readonly Home?[] _places =
    [
        homes.FirstOrDefault(static home => home.Plan is { IsProsumer: true, IsManaged: false }),
        homes.FirstOrDefault(static home => home.Plan is { IsProsumer: false, IsManaged: false }),
    ];

    /// <summary>Those who trade by themselves.</summary>
    public IReadOnlyList<Home> Others =>
        field ??= [.. homes.Where(home => !_places.Contains(home))];

    public async Task InviteAsync(CancellationToken cancellationToken)
    {
        _ = Directory.CreateDirectory(folder);
        foreach (var home in _places.OfType<Home>().Where(home => !File.Exists(FileOf(home.Plan.Role))))
        {
            home.AccessKey.Save(FileOf(home.Plan.Role));
        }

        using var operatorGuest = SigningKey.LoadOrCreate(FileOf("operator"));
        var user = await parts.Cloud.RegisterUserAsync(
            new RegisterUserRequest("Operator", "consumer"), operatorGuest, cancellationToken);
        _ = await parts.Cloud.SetRolesAsync(user.Id, new RolesRequest(["operator"]), parts.Operator, cancellationToken);
    }

    private string FileOf(string name) => Path.Combine(folder, $"{name}.json");
}
