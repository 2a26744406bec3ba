// System.Device.Wifi 1.5.149 and nanoFramework.Networking (Wifi helper, Sntp 1.6.42), as far as the firmware uses them.

#nullable enable
using System.Device.Wifi;
using System.Threading;
using GridTokenX.Firmware.Board;

namespace System.Device.Wifi
{
    public enum WifiReconnectionKind
    {
        Automatic,
        Manual,
    }

    public sealed class WifiAdapter : IDisposable
    {
        private readonly SimulatedHardware _hardware = SimulatedHardware.Current;

        private WifiAdapter()
        {
        }

        public static WifiAdapter[] FindAllAdapters() => [new()];

        /// <summary>Needs the radio, and so it is on from here.</summary>
        public void ScanAsync() => _hardware.Wifi.IsRadioOn = true;

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}

namespace nanoFramework.Networking
{
    public enum NetworkHelperStatus
    {
        None,
        Started,
        NetworkIsReady,
        TokenExpiredWaitingIPAddress,
        TokenExpiredWaitingDateTime,
        ErrorConnetingToWiFiWhileScanning,
        FailedNoNetworkInterface,
        ExceptionOccurred,
        Reconnecting,
    }

    public static class WifiNetworkHelper
    {
        public static NetworkHelperStatus Status => SimulatedHardware.Current.Wifi.IsUp
            ? NetworkHelperStatus.NetworkIsReady
            : NetworkHelperStatus.TokenExpiredWaitingIPAddress;

        /// <summary>Does not wait: the air answers at once or not at all.</summary>
        public static bool ConnectDhcp(
            string ssid,
            string password,
            WifiReconnectionKind reconnectionKind = WifiReconnectionKind.Automatic,
            bool requiresDateTime = false,
            int wifiAdapterId = 0,
            CancellationToken token = default) =>
            SimulatedHardware.Current.Wifi.TryConnect(ssid, password);

        public static void Disconnect() => SimulatedHardware.Current.Wifi.Leave();
    }

    public static class Sntp
    {
        public static string Server1
        {
            get => SimulatedHardware.Current.TimeServer;
            set => SimulatedHardware.Current.TimeServer = value;
        }

        public static bool IsStarted => SimulatedHardware.Current.IsSntpStarted;

        public static void Start()
        {
            SimulatedHardware.Current.IsSntpStarted = true;
            SimulatedHardware.Current.AskTimeServer();
        }

        public static void Stop() => SimulatedHardware.Current.IsSntpStarted = false;

        public static void UpdateNow() => SimulatedHardware.Current.AskTimeServer();
    }
}
