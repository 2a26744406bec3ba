using System.Text.Json;
using GridTokenX.EdgeGateway.Devices;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.Mqtt;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Readings;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.EdgeGateway.Ingest;

/// <summary>A reading that one of our devices has signed, and the topic it came on.</summary>
internal readonly record struct CheckedReading(SignedReading Reading, string Topic)
{
    internal (string Topic, ReadOnlyMemory<byte> Payload) Acknowledgement() =>
        (Topic + "/ack", JsonSerializer.SerializeToUtf8Bytes(
            new ReadingAcknowledgement(Reading.Sequence), ProtocolJson.Default.ReadingAcknowledgement));
}

/// <summary>Whether a message is a reading that one of our devices signed; the cheap questions first.</summary>
internal static class ReadingCheck
{
    /// <summary>A reading's JSON has some 420 bytes.</summary>
    internal const int MaxPayloadBytes = 2048;

    /// <summary>Null and the reading, or the code of the refusal.</summary>
    internal static string? Refuse(MqttMessage message, DeviceDirectory directory, out SignedReading? reading)
    {
        reading = null;
        if (message.Payload.Length > MaxPayloadBytes)
        {
            return ProblemCodes.RequestTooLarge;
        }

        if (!directory.TryGet(Topics.DeviceOf(message.Topic) ?? string.Empty, out var device))
        {
            return ProblemCodes.UnknownDevice;
        }

        try
        {
            reading = JsonSerializer.Deserialize(message.Payload, ProtocolJson.Default.SignedReading);
        }
        catch (JsonException)
        {
            return ProblemCodes.MalformedReading;
        }

        if (reading?.IsWellFormed != true)
        {
            return ProblemCodes.MalformedReading;
        }

        if (reading.Device != device)
        {
            return Refusals.TopicMismatch;
        }

        return reading.HasValidSignature() ? null : ProblemCodes.BadSignature;
    }
}
