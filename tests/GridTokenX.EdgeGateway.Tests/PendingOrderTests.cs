using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.EdgeGateway.Outbox;
using GridTokenX.EdgeGateway.Tests.Support;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;
using GridTokenX.Protocol.Time;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;

namespace GridTokenX.EdgeGateway.Tests;

/// <summary>The order in which readings go, beside a list that is sorted anew for every question.</summary>
public sealed class PendingOrderTests : IDisposable
{
    private const int Devices = 3;
    private const int Sequences = 120;

    private readonly string _folder = Directory.CreateTempSubdirectory("gridtokenx-order-").FullName;
    private readonly SteppedTime _clock = new(Some.Noon);
    private readonly List<SigningKey> _keys =
        [.. Enumerable.Range(0, Devices).Select(static _ => SigningKey.Generate())];

    private readonly List<Row> _rows = [];
    private GatewayDatabase _database;
    private ReadingOutbox _outbox;

    public PendingOrderTests() => (_database, _outbox) = Open();

    public void Dispose()
    {
        _database.Dispose();
        _keys.ForEach(static key => key.Dispose());
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Whatever_comes_late_is_refused_or_tried_again_goes_in_order(int seed)
    {
        var random = new Random(seed);
        for (var step = 0; step < 400; step++)
        {
            switch (random.Next(10))
            {
                case < 5:
                    Append(random);
                    break;
                case < 8:
                    Settle(random, TakenAsTheyShouldBe(random.Next(1, 12)));
                    break;
                case 8:
                    Requeue(_keys[random.Next(Devices)].PublicKey);
                    break;
                default:
                    Reopen();
                    break;
            }

            _ = TakenAsTheyShouldBe(random.Next(1, 40));
        }

        _rows.Count(static row => row.State == State.Gone).ShouldBeGreaterThan(50);
    }

    [Fact]
    public void What_somebody_else_made_pending_again_is_found_as_well()
    {
        foreach (var sequence in Enumerable.Range(1, 5))
        {
            _ = _outbox.Append([Some.Reading(_keys[0], sequence)]);
        }

        _outbox.Settle(_outbox.Take(4, _clock.GetUtcNow(), []).ConvertAll(static one => new Verdict(one, null)));
        _outbox.Take(10, _clock.GetUtcNow(), []).Select(static one => one.Reading.Sequence).ShouldBe([5]);

        Execute("update reading set status = 0 where sequence in (2, 3)");

        _outbox.Take(10, _clock.GetUtcNow(), []).Select(static one => one.Reading.Sequence).ShouldBe([2, 3, 5]);
    }

    private (GatewayDatabase Database, ReadingOutbox Outbox) Open()
    {
        var database = new GatewayDatabase(Path.Combine(_folder, "gateway.db"), new WallTime(_clock));
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Gateway:DataFolder"] = _folder,
            ["Gateway:CloudUrl"] = "https://cloud.example",
            ["Gateway:CloudBroker:Port"] = "8883",
        }).Build();
        return (database, new ReadingOutbox(database, GatewayOptions.Read(configuration)));
    }

    private void Append(Random random)
    {
        var fresh = new List<SignedReading>();
        for (var i = random.Next(1, 6); i > 0; i--)
        {
            var (device, sequence) = (random.Next(Devices), random.Next(1, Sequences));
            if (!_rows.Exists(row => row.Device == device && row.Sequence == sequence))
            {
                _rows.Add(new Row(device, sequence));
                fresh.Add(Some.Reading(_keys[device], sequence));
            }
        }

        _outbox.Append(fresh).ShouldAllBe(static outcome => outcome == AppendOutcome.Stored);
    }

    /// <summary>The cloud takes some, and refuses some for now or for good.</summary>
    private void Settle(Random random, List<PendingReading> taken)
    {
        var verdicts = new List<Verdict>();
        foreach (var pending in taken.Where(_ => random.Next(4) > 0))
        {
            var code = random.Next(5) switch
            {
                0 => ProblemCodes.UserNotVerified,
                1 => ProblemCodes.TooOld,
                _ => null,
            };
            verdicts.Add(new Verdict(pending, code));
            RowOf(pending.Reading).State = code is ProblemCodes.UserNotVerified ? State.Refused : State.Gone;
        }

        _outbox.Settle(verdicts);
    }

    private void Requeue(Key32 device)
    {
        var again = _rows.FindAll(row => row.State == State.Refused && _keys[row.Device].PublicKey == device);
        _outbox.Requeue(device, _clock.GetUtcNow()).ShouldBe(again.Count);
        again.ForEach(static row => row.State = State.Pending);
    }

    private void Reopen()
    {
        _database.Dispose();
        (_database, _outbox) = Open();
    }

    private List<PendingReading> TakenAsTheyShouldBe(int max)
    {
        var taken = _outbox.Take(max, _clock.GetUtcNow(), []);
        var expected = _rows.Where(static row => row.State == State.Pending)
            .Take(max)
            .GroupBy(static row => row.Device)
            .SelectMany(group => _rows
                .Where(row => row.State == State.Pending && row.Device == group.Key)
                .OrderBy(static row => row.Sequence)
                .Take(group.Count()));
        taken.Select(static one => (one.Reading.Device, one.Reading.Sequence))
            .ShouldBe(expected.Select(row => (_keys[row.Device].PublicKey, (long)row.Sequence)));
        return taken;
    }

    private Row RowOf(SignedReading reading) =>
        _rows.Single(row => _keys[row.Device].PublicKey == reading.Device && row.Sequence == reading.Sequence);

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_folder, "gateway.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        _ = command.ExecuteNonQuery();
    }

    private enum State
    {
        None = 0,
        Pending,
        Refused,
        Gone,
    }

    private sealed class Row(int device, int sequence)
    {
        internal int Device { get; } = device;

        internal int Sequence { get; } = sequence;

        internal State State { get; set; } = State.Pending;
    }
}
