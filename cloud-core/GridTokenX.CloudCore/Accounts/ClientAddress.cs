using System.Net;
using System.Net.Sockets;

namespace GridTokenX.CloudCore.Accounts;

internal static class ClientAddress
{
    private const int SubscriberBytes = 8;

    /// <summary>What limits count by: the address, of IPv6 the /64 that one subscriber has.</summary>
    internal static string Of(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address.ToString();
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(SubscriberBytes).Clear();
        return $"{new IPAddress(bytes)}/64";
    }
}
