using System;
using System.Device.Wifi;
using System.Threading;
using GridTokenX.Firmware.Uplink;
using nanoFramework.Networking;

namespace GridTokenX.Firmware.Hardware
{
    /// <summary>
    /// Brings the device into the network and keeps it there: Wi-Fi, time, broker, one after the other, with pauses
    /// from 1 s to 5 minutes between attempts. Everything that blocks is called here, on a thread of its own, and has
    /// an end.
    /// </summary>
    internal sealed class Connectivity
    {
        private const int JoinMaxMs = 30000;
        private const int CheckMs = 10000;
        private const int PauseMinMs = 1000;
        private const int PauseMaxMs = 300000;
        private const int FailuresBeforeJoining = 3;

        private readonly Settings _settings;
        private readonly MqttLink _link;
        private readonly Backoff _pauses = new Backoff(PauseMinMs, PauseMaxMs);
        private readonly Random _chance = new Random();
        private readonly byte[] _draw = new byte[2];
        private bool _hasAskedForTime;
        private int _failures;
        private long _nextMs;

        internal Connectivity(Settings settings, MqttLink link)
        {
            _settings = settings;
            _link = link;
        }

        internal bool HasTimeServer => _settings.TimeServer.Length > 0;

        /// <summary>In the Wi-Fi network, as far as the last attempt told.</summary>
        internal bool HasNetwork { get; private set; }

        /// <summary>Uptime of the last moment with a connection; of the start before the first.</summary>
        internal long LastConnectedMs { get; private set; }

        /// <returns>Milliseconds until it wants to be called again.</returns>
        internal int Run()
        {
            var uptimeMs = Clock.UptimeMs;
            if (_link.IsConnected)
            {
                LastConnectedMs = uptimeMs;
                AskForTime();
                return CheckMs;
            }

            if (uptimeMs < _nextMs)
            {
                return (int)(_nextMs - uptimeMs);
            }

            if (TryAttempt())
            {
                _failures = 0;
                _pauses.Reset();
                AskForTime();
                return CheckMs;
            }

            _failures++;
            _chance.NextBytes(_draw);
            var pause = _pauses.Next((_draw[0] << 8) | _draw[1]);
            _nextMs = Clock.UptimeMs + pause;
            return pause;
        }

        /// <summary>
        /// What the network's own code throws is a failed attempt like any other: it pauses longer each time, and
        /// nothing is restarted for it.
        /// </summary>
        private bool TryAttempt()
        {
            try
            {
                return TryJoin() && _link.TryConnect();
            }
            catch (Exception exception)
            {
                HasNetwork = false;
                Serial.Say("No network: " + exception.Message);
                return false;
            }
        }

        /// <summary>Joins, and joins again when the broker was not reached several times: Wi-Fi may only look well.
        /// </summary>
        private bool TryJoin()
        {
            if (HasNetwork && _failures % FailuresBeforeJoining != 0)
            {
                return true;
            }

            if (HasNetwork && _failures > 0)
            {
                HasNetwork = false;
                WifiNetworkHelper.Disconnect();
            }

            if (!HasNetwork)
            {
                using (var end = new CancellationTokenSource(JoinMaxMs))
                {
                    HasNetwork = WifiNetworkHelper.ConnectDhcp(
                        _settings.WifiSsid, _settings.WifiPassword, WifiReconnectionKind.Automatic, false, 0,
                        end.Token);
                }

                Serial.Say(HasNetwork ? "Wi-Fi joined." : "Wi-Fi not joined.");
                AskForTime();
            }

            return HasNetwork;
        }

        private void AskForTime()
        {
            if (!HasNetwork || !HasTimeServer || (_hasAskedForTime && Clock.IsKnown))
            {
                return;
            }

            try
            {
                if (_hasAskedForTime)
                {
                    Sntp.UpdateNow();
                    return;
                }

                // From now on it keeps the clock right by itself.
                Sntp.Server1 = _settings.TimeServer;
                Sntp.Start();
                _hasAskedForTime = true;
            }
            catch (Exception exception)
            {
                Serial.Say("No time: " + exception.Message);
            }
        }
    }
}
