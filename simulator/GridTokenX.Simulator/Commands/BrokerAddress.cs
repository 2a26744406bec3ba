using System.Globalization;
using GridTokenX.Mqtt;

namespace GridTokenX.Simulator.Commands;

/// <summary>What <c>--broker</c> names.</summary>
internal static class BrokerAddress
{
    /// <exception cref="FormatException">It is not HOST:PORT, IPv6 in brackets.</exception>
    public static (string Host, int Port) Parse(string address)
    {
        var colon = address.LastIndexOf(':');
        return colon > 0
            && !MqttOptions.IsLocal(address)
            && ushort.TryParse(
                address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port > 0
            ? (address[..colon].Trim('[', ']'), port)
            : throw new FormatException("--broker must be HOST:PORT.");
    }

    /// <summary>The same, or of a broker on this machine the path of its local socket, with no port.</summary>
    /// <exception cref="FormatException">It is neither.</exception>
    public static (string Host, int Port) ParseLocal(string address) =>
        MqttOptions.IsLocal(address) ? (address, 0) : Parse(address);
}
