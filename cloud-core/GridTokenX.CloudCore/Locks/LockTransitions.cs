using GridTokenX.Protocol.Commands;

namespace GridTokenX.CloudCore.Locks;

/// <summary>
/// What a device's newest statement means for one of its open locks. The statement stands for all earlier ones, so it
/// may be the answer to a command and the end of its lock at once.
/// </summary>
internal static class LockTransitions
{
    /// <summary>How long a device that was busy, or did not know the time, is left alone.</summary>
    internal static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(30);

    internal static LockRow After(LockRow row, DeviceState state, DateTimeOffset now)
    {
        if (row.Status == LockStatus.Queued)
        {
            return row;
        }

        if (state.Cause == StateCause.Refused)
        {
            return row.Status == LockStatus.Sent && row.OrderId == state.Order && row.Counter == state.Counter
                ? Refused(row, state.Refusal, now)
                : row;
        }

        if (row.OrderId != state.Order)
        {
            return HeldBefore(row) ? Ended(row, deliveredWh: 0, answered: false) : row;
        }

        // An older counter: the statement was made before the device saw the command that is under way.
        var answers = row.Status == LockStatus.Acknowledged || state.Counter >= row.Counter;
        if (state.State is LockState.Locked or LockState.Delivering)
        {
            return answers
                ? row with
                {
                    Status = LockStatus.Acknowledged,
                    AcknowledgedWh = state.EnergyWh,
                    EverAcknowledged = true,
                }
                : row;
        }

        return answers || HeldBefore(row) ? Ended(row, state.DeliveredWh, answers) : row;
    }

    private static bool HeldBefore(LockRow row) => row.Status == LockStatus.Acknowledged || row.AcknowledgedWh > 0;

    /// <summary>
    /// A passing reason is tried again later, a lasting one ends it; a lock that is held stays held either way.
    /// </summary>
    private static LockRow Refused(LockRow row, CommandRefusal refusal, DateTimeOffset now)
    {
        var passing = refusal is CommandRefusal.Busy or CommandRefusal.Counter or CommandRefusal.TimeUnknown;
        var refused = row with { Refusal = NameOf(refusal) };
        if (passing)
        {
            return refused with
            {
                Status = row.AcknowledgedWh > 0 ? LockStatus.Acknowledged : LockStatus.Queued,
                CommandedWh = row.AcknowledgedWh,
                NotBefore = refusal == CommandRefusal.Counter ? null : now + RetryAfter,
            };
        }

        return refused with { Status = row.AcknowledgedWh > 0 ? LockStatus.Acknowledged : LockStatus.Rejected };
    }

    /// <summary>
    /// The device no longer holds it. What was sold after the last command, or with a command that came too late for
    /// this lock, is asked for anew.
    /// </summary>
    private static LockRow Ended(LockRow row, long deliveredWh, bool answered)
    {
        var delivered = Math.Min(row.DeliveredWh + Math.Clamp(deliveredWh, 0, row.CommandedWh), row.EnergyWh);
        var uncommanded = answered ? row.WantedWh > row.CommandedWh : row.Status == LockStatus.Sent;
        return row with
        {
            Status = uncommanded && row.EnergyWh > delivered ? LockStatus.Queued : LockStatus.Released,
            CommandedWh = 0,
            AcknowledgedWh = 0,
            DeliveredWh = delivered,
            EverAcknowledged = row.EverAcknowledged || answered,
        };
    }

    private static string NameOf(CommandRefusal refusal) => refusal switch
    {
        CommandRefusal.Counter => "counter",
        CommandRefusal.Expired => "expired",
        CommandRefusal.EnergyUnavailable => "energy_unavailable",
        CommandRefusal.Busy => "busy",
        CommandRefusal.UnknownOrder => "unknown_order",
        CommandRefusal.TimeUnknown => "time_unknown",
        _ => "none",
    };
}
