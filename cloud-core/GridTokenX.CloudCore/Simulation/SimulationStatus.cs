namespace GridTokenX.CloudCore.Simulation;

/// <summary>What is still under way at the present market time; each module adds its own part.</summary>
public sealed class SimulationCounts
{
    public int OutboxPending { get; set; }

    public int OutboxParked { get; set; }

    public int EventsOutstanding { get; set; }

    public int LocksUnanswered { get; set; }

    public long ReadingsAccepted { get; set; }

    /// <summary>The newest state sequence known of each device (Base58).</summary>
    public IDictionary<string, long> DeviceStates { get; } = new Dictionary<string, long>(StringComparer.Ordinal);
}

/// <summary>A module's part of <c>GET /simulation/status</c>; registered as a singleton.</summary>
public interface ISimulationStatus
{
    Task AddToAsync(SimulationCounts counts, CancellationToken cancellationToken);
}
