using GridTokenX.Mqtt;

namespace GridTokenX.Simulator.Homes;

/// <summary>How the homes reach their gateway, and the clock of what they wait on.</summary>
internal sealed record HomeNetwork(
    string BrokerHost, int BrokerPort, TimeProvider Clock, Action<string, Exception?> Report)
{
    /// <summary>What the meters are told: a meter knows no sockets, its network leads there.</summary>
    public (string Name, int Port) Broker => LocalBroker is null ? (BrokerHost, BrokerPort) : ("gateway.local", 1883);

    /// <summary>Null where the broker is reached at an address.</summary>
    public string? LocalBroker => MqttOptions.IsLocal(BrokerHost) ? BrokerHost : null;

    /// <summary>Serves the connections of all homes: what comes for many of them costs one turn of a thread.</summary>
    public MqttLoop Loop { get; } = new("mqtt homes");
}
