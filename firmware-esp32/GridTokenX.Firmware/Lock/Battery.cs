using GridTokenX.Protocol.Wire;

namespace GridTokenX.Firmware.Lock
{
    /// <summary>What the battery can give, by its state of charge.</summary>
    internal sealed class Battery
    {
        private readonly int _capacityWh;
        private readonly int _reservePermille;

        internal Battery(int capacityWh, int reservePermille)
        {
            _capacityWh = capacityWh;
            _reservePermille = reservePermille;
        }

        /// <summary>0–1000, or NoBattery; a gauge that reads beyond its ends is at its end.</summary>
        internal int Permille(int measured)
        {
            if (_capacityWh == 0)
            {
                return ReadingBytes.NoBattery;
            }

            if (measured < 0)
            {
                return 0;
            }

            return measured > 1000 ? 1000 : measured;
        }

        /// <summary>Wh above the reserve, rounded down.</summary>
        internal long AvailableWh(int measured)
        {
            var above = Permille(measured) - _reservePermille;
            return _capacityWh == 0 || above <= 0 ? 0 : (long)above * _capacityWh / 1000;
        }
    }
}
