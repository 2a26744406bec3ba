#nullable enable
using System;

namespace GridTokenX.Firmware.Board
{
    /// <summary>The air around the board.</summary>
    public sealed class SimulatedWifi
    {
        private bool _isJoined;

        /// <summary>Whether the access point is there; without it the connection is lost at once.</summary>
        public bool IsInRange { get; set; } = true;

        /// <summary>Whether the driver throws instead of trying.</summary>
        public bool IsBroken { get; set; }

        /// <summary>When set, what the firmware has to know of the access point.</summary>
        public string? Ssid { get; set; }

        public string? Password { get; set; }

        public bool IsUp => _isJoined && IsInRange;

        /// <summary>How often the firmware has tried to join.</summary>
        public int Attempts { get; private set; }

        /// <summary>The hardware generator is only random while it is.</summary>
        internal bool IsRadioOn { get; set; }

        internal bool TryConnect(string ssid, string password)
        {
            if (IsBroken)
            {
                throw new InvalidOperationException("The Wi-Fi driver does not answer.");
            }

            Attempts++;
            IsRadioOn = true;
            _isJoined = IsInRange && (Ssid is null || (Ssid == ssid && Password == password));
            return _isJoined;
        }

        internal void Leave() => _isJoined = false;
    }
}
