using GridTokenX.EdgeGateway.Outbox;
using GridTokenX.Protocol.Commands;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.EdgeGateway.Commands;

/// <summary>A command as it came, with what the gateway has read of it.</summary>
internal sealed record StoredCommand(Key32 Device, long Counter, long Expires, byte[] Payload);

/// <summary>Commands that the home broker has not acknowledged yet; bounded per device, the newest stay.</summary>
internal sealed class CommandStore(GatewayDatabase database)
{
    internal const int MaxPerDevice = 16;

    internal void Add(IReadOnlyList<StoredCommand> commands) =>
        database.Write(db =>
        {
            foreach (var command in commands)
            {
                var device = command.Device.ToArray();
                _ = db.Command(
                    """
                    insert or replace into command (device, counter, expires, payload)
                    values ($device, $counter, $expires, $payload)
                    """,
                    ("$device", device),
                    ("$counter", command.Counter),
                    ("$expires", command.Expires),
                    ("$payload", command.Payload)).ExecuteNonQuery();
                _ = db.Command(
                    """
                    delete from command where device = $device and counter not in
                      (select counter from command where device = $device order by counter desc limit $max)
                    """,
                    ("$device", device),
                    ("$max", MaxPerDevice)).ExecuteNonQuery();
            }
        });

    /// <summary>In the order of their counters.</summary>
    internal List<StoredCommand> All() =>
        database.Read(static db =>
        {
            var commands = new List<StoredCommand>();
            using var reader = db.Command(
                "select device, counter, expires, payload from command order by device, counter").ExecuteReader();
            while (reader.Read())
            {
                commands.Add(new StoredCommand(
                    new Key32(reader.GetFieldValue<byte[]>(0)),
                    reader.GetInt64(1),
                    reader.GetInt64(2),
                    reader.GetFieldValue<byte[]>(3)));
            }

            return commands;
        });

    internal void Remove(StoredCommand command) =>
        database.Write(db => _ = db.Command(
            "delete from command where device = $device and counter = $counter",
            ("$device", command.Device.ToArray()),
            ("$counter", command.Counter)).ExecuteNonQuery());
}

/// <summary>The newest statement of each device, as it came.</summary>
internal sealed class StateStore(GatewayDatabase database)
{
    /// <summary>Calls this whenever the file has been opened, and may be another; it must not use it.</summary>
    internal void WhenOpened(Action forget) => database.WhenOpened(_ => forget());

    /// <summary>Keeps each one that is not older than what is known; gives back those, in their order.</summary>
    internal List<(DeviceState State, byte[] Payload)> Add(IReadOnlyList<(DeviceState State, byte[] Payload)> states) =>
        database.Write(db => states.Where(entry => db.Command(
            """
            insert into state (device, sequence, payload) values ($device, $sequence, $payload)
            on conflict (device) do update set sequence = excluded.sequence, payload = excluded.payload
              where excluded.sequence >= state.sequence
            """,
            ("$device", entry.State.Device.ToArray()),
            ("$sequence", entry.State.Sequence),
            ("$payload", entry.Payload)).ExecuteNonQuery() > 0).ToList());

    internal List<(Key32 Device, byte[] Payload)> All() =>
        database.Read(static db =>
        {
            var states = new List<(Key32, byte[])>();
            using var reader = db.Command("select device, payload from state").ExecuteReader();
            while (reader.Read())
            {
                states.Add((new Key32(reader.GetFieldValue<byte[]>(0)), reader.GetFieldValue<byte[]>(1)));
            }

            return states;
        });
}
