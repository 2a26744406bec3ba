using GridTokenX.EdgeGateway.Outbox;
using GridTokenX.Protocol.Keys;
using Microsoft.Data.Sqlite;

namespace GridTokenX.EdgeGateway.Pairing;

internal enum PairingStep
{
    None = 0,

    /// <summary>Somebody is to press the device's button, so that it signs its consent.</summary>
    Consent,

    /// <summary>The cloud is asked to register it.</summary>
    Registering,

    /// <summary>Device and page show a code, and somebody is to compare them.</summary>
    Comparing,

    /// <summary>They are the same; the device's button is to be pressed once more.</summary>
    Confirming,

    /// <summary>The device has answered the cloud under its new key.</summary>
    Paired,
}

/// <summary>How far a device's pairing has come.</summary>
/// <param name="Device">Its key.</param>
/// <param name="MeterId">Of the metering point.</param>
/// <param name="Replaces">The device whose meter it takes over.</param>
/// <param name="Owner">Whom it is to consent to.</param>
/// <param name="Step">What is to happen next.</param>
/// <param name="Consent">From <see cref="PairingStep.Registering"/> on.</param>
/// <param name="CloudKey">From <see cref="PairingStep.Comparing"/> on.</param>
/// <param name="Code">Likewise.</param>
/// <param name="Fault">The cloud's refusal, by its code; the step waits until somebody tries again.</param>
internal sealed record PairingState(
    Key32 Device,
    string MeterId,
    Key32? Replaces,
    Key32 Owner,
    PairingStep Step,
    byte[]? Consent = null,
    Key32? CloudKey = null,
    string? Code = null,
    string? Fault = null);

/// <summary>The pairings under way, on disk: a restart goes on where it was.</summary>
internal sealed class PairingStore(GatewayDatabase database)
{
    internal const int MaxPairings = 20;

    /// <exception cref="SqliteException">The disk cannot be used.</exception>
    internal IReadOnlyList<PairingState> All() =>
        database.Read(static db =>
        {
            using var reader = db.Command(
                """
                select device, meter_id, replaces, owner, step, consent, cloud_key, code, fault
                from pairing order by meter_id
                """).ExecuteReader();
            var pairings = new List<PairingState>();
            while (reader.Read())
            {
                pairings.Add(Read(reader));
            }

            return pairings;
        });

    /// <summary>A pairing of the device that is under way begins anew. False when there are too many.</summary>
    /// <exception cref="SqliteException">Nothing was changed.</exception>
    internal bool TryBegin(PairingState pairing) =>
        database.Write(db =>
        {
            var others = (long)db.Command(
                "select count(*) from pairing where device <> $device",
                ("$device", pairing.Device.ToArray())).ExecuteScalar()!;
            if (others >= MaxPairings)
            {
                return false;
            }

            Remove(db, pairing.Device);
            Insert(db, pairing);
            return true;
        });

    /// <summary>Changes nothing when the pairing is not as it was: somebody ended or moved it meanwhile.</summary>
    internal bool TryChange(PairingState before, PairingState after) =>
        database.Write(db =>
        {
            var removed = db.Command(
                "delete from pairing where device = $device and step = $step and meter_id = $meter",
                ("$device", before.Device.ToArray()),
                ("$step", (int)before.Step),
                ("$meter", before.MeterId)).ExecuteNonQuery();
            if (removed == 1)
            {
                Insert(db, after);
            }

            return removed == 1;
        });

    internal void End(Key32 device) => database.Write(db => Remove(db, device));

    internal void Clear() => database.Write(static db => _ = db.Command("delete from pairing").ExecuteNonQuery());

    private static void Remove(GatewayDatabase db, Key32 device) =>
        _ = db.Command("delete from pairing where device = $device", ("$device", device.ToArray())).ExecuteNonQuery();

    private static void Insert(GatewayDatabase db, PairingState pairing) =>
        _ = db.Command(
            """
            insert into pairing (device, meter_id, replaces, owner, step, consent, cloud_key, code, fault)
            values ($device, $meter, $replaces, $owner, $step, $consent, $key, $code, $fault)
            """,
            ("$device", pairing.Device.ToArray()),
            ("$meter", pairing.MeterId),
            ("$replaces", pairing.Replaces?.ToArray()),
            ("$owner", pairing.Owner.ToArray()),
            ("$step", (int)pairing.Step),
            ("$consent", pairing.Consent),
            ("$key", pairing.CloudKey?.ToArray()),
            ("$code", pairing.Code),
            ("$fault", pairing.Fault)).ExecuteNonQuery();

    private static PairingState Read(SqliteDataReader row) => new(
        new Key32(row.GetFieldValue<byte[]>(0)),
        row.GetString(1),
        KeyOf(row, 2),
        new Key32(row.GetFieldValue<byte[]>(3)),
        (PairingStep)row.GetInt32(4),
        row.IsDBNull(5) ? null : row.GetFieldValue<byte[]>(5),
        KeyOf(row, 6),
        row.IsDBNull(7) ? null : row.GetString(7),
        row.IsDBNull(8) ? null : row.GetString(8));

    private static Key32? KeyOf(SqliteDataReader row, int column) =>
        row.IsDBNull(column) ? null : new Key32(row.GetFieldValue<byte[]>(column));
}
