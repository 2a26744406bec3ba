using System.Text;
using System.Text.Json;
using GridTokenX.Firmware.Tests.Board;
using GridTokenX.Protocol.Commands;
using GridTokenX.Protocol.Json;

namespace GridTokenX.Firmware.Tests.Faults;

/// <summary>
/// Commands as an enemy between cloud and device would bring them: late, twice, in another order, changed, or made up.
/// Beside them goes the plainest model of a lock, which believes only what the cloud made.
/// </summary>
internal sealed class CommandStorm(Bench bench, Random random)
{
    private static readonly Guid[] Orders = [.. Enumerable.Range(1, 3).Select(i => new Guid(i, 0, 0, new byte[8]))];

    private readonly List<LockCommand> _waiting = [];
    private readonly List<LockCommand> _brought = [];
    private long _counter;
    private Guid? _held;

    internal bool IsLocked => _held is not null;

    internal int Forged { get; private set; }

    internal int Replayed { get; private set; }

    internal string Last { get; private set; } = string.Empty;

    internal void Next()
    {
        _waiting.Add(bench.Command(
            random.Next(3) == 0 ? CommandKind.Release : CommandKind.Lock,
            Orders[random.Next(Orders.Length)],
            100 + random.Next(100),
            TimeSpan.FromDays(2)));
        switch (random.Next(4))
        {
            case 0 when _brought.Count > 0:
                Replayed++;
                Bring(_brought[random.Next(_brought.Count)]);
                break;
            case 1:
                Forge(_waiting[random.Next(_waiting.Count)]);
                break;
            default:
                // Any that waits, so they overtake one another.
                var at = random.Next(Math.Max(0, _waiting.Count - 3), _waiting.Count);
                var command = _waiting[at];
                _waiting.RemoveAt(at);
                _brought.Add(command);
                Bring(command);
                break;
        }
    }

    private void Bring(LockCommand command)
    {
        Send(JsonSerializer.Serialize(command, ProtocolJson.Default.LockCommand), command.ToString());
        if (command.Counter <= _counter)
        {
            return;
        }

        _counter = command.Counter;
        if (command.Kind == CommandKind.Lock)
        {
            _held ??= command.Order;
        }
        else if (_held == command.Order)
        {
            _held = null;
        }
    }

    private void Forge(LockCommand command)
    {
        Forged++;
        var forged = random.Next(6) switch
        {
            0 => command with { Counter = command.Counter + 1000 },
            1 => command with { Kind = CommandKind.Release, Order = _held ?? command.Order },
            2 => command with { EnergyWh = command.EnergyWh + 1 },
            3 => command with { Expires = bench.Now.ToUnixTimeSeconds() + 1 },
            4 => (command with { Kind = CommandKind.Release, Counter = command.Counter + 5 })
                .Authenticated(RandomKey()),
            _ => command with { Mac = RandomKey() },
        };
        if (forged == command || (forged.Kind == command.Kind && forged.Mac.SequenceEqual(command.Mac)
            && forged.Order == command.Order && forged.Counter == command.Counter
            && forged.EnergyWh == command.EnergyWh && forged.Expires == command.Expires))
        {
            forged = forged with { Mac = RandomKey() };
        }

        var ignored = bench.Device.IgnoredMessages;
        Send(JsonSerializer.Serialize(forged, ProtocolJson.Default.LockCommand), $"forged {forged}");
        bench.Device.IgnoredMessages.ShouldBe(ignored + 1);
    }

    private void Send(string json, string what)
    {
        Last = what;
        bench.Gateway.Send($"gtx/v1/{bench.Device.Id}/command", json);
        bench.Step();
        Encoding.UTF8.GetByteCount(json).ShouldBeLessThan(1024);
    }

    private byte[] RandomKey()
    {
        var key = new byte[32];
        random.NextBytes(key);
        return key;
    }
}
