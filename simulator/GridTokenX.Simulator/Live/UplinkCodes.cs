using GridTokenX.Mqtt;

namespace GridTokenX.Simulator.Live;

/// <summary>Why readings do not get through, as the messages and the report name it; they do not change.</summary>
internal static class UplinkCodes
{
    public const string CloudAway = "cloud_away";
    public const string CloudBusy = "cloud_busy";
    public const string BrokerUnreachable = "broker_unreachable";
    public const string BrokerNotTrusted = "broker_not_trusted";
    public const string BrokerRefused = "broker_refused";
    public const string BrokerLost = "broker_lost";
    public const string GatewaySilent = "gateway_silent";

    public static string Of(MqttFault fault) => fault switch
    {
        MqttFault.Untrusted => BrokerNotTrusted,
        MqttFault.Refused => BrokerRefused,
        MqttFault.Unreachable => BrokerUnreachable,
        _ => BrokerLost,
    };

    /// <summary>What to look at.</summary>
    public static string AdviceOf(MqttFault fault) => fault switch
    {
        MqttFault.Untrusted => "Is --broker-ca its authority, and does its certificate name this host?",
        MqttFault.Refused => "Is the user known there, with this password?",
        MqttFault.Unreachable => "Is it running there, and does it expect TLS (--broker-ca)?",
        _ => "It is tried again.",
    };
}
