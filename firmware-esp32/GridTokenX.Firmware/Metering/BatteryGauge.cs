namespace GridTokenX.Firmware.Metering
{
    /// <summary>
    /// State of charge of a lithium iron phosphate battery by counting coulombs, corrected by voltage where voltage
    /// tells something: full at the end of charging, empty at the end of discharging, and at rest between the bounds
    /// that the curve allows. Integers: charge in milliampere-milliseconds.
    /// </summary>
    public sealed class BatteryGauge
    {
        public const int Unknown = -1;

        private const int CellNominalMillivolts = 3200;
        private const int CellFullMillivolts = 3500;
        private const int CellEmptyMillivolts = 2800;
        private const long HoldMs = 60000;
        private const long RestMs = 1800000;
        private const long SilenceMaxMs = 60000;

        // Voltage of a cell at rest at 0, 100, … 1000 permille. Between 200 and 900 it hardly moves.
        private static readonly int[] RestMillivolts =
        {
            2500, 3000, 3200, 3220, 3250, 3260, 3270, 3300, 3320, 3350, 3400,
        };

        private readonly int _nominalMillivolts;
        private readonly long _capacity;
        private readonly long _tailMilliamperes;
        private long _charge = Unknown;
        private int _lastMilliamperes;
        private long _lastMs = -1;
        private long _fullSinceMs = -1;
        private long _emptySinceMs = -1;
        private long _restSinceMs = -1;

        /// <param name="capacityWh">1 or more.</param>
        /// <param name="nominalMillivolts">3200 for each cell in series.</param>
        public BatteryGauge(int capacityWh, int nominalMillivolts)
        {
            _nominalMillivolts = nominalMillivolts;
            var milliampereHours = capacityWh * 1000000L / nominalMillivolts;
            _capacity = milliampereHours * 3600000;
            _tailMilliamperes = milliampereHours / 20;
        }

        /// <summary>Milliampere-milliseconds; Unknown before the first measurement.</summary>
        public long Charge => _charge;

        /// <summary>0–1000, rounded down, or Unknown: not measured yet, or not for a minute.</summary>
        public int Permille => _charge < 0 ? Unknown : (int)(_charge * 1000 / _capacity);

        /// <summary>Millivolts of a cell at rest that holds so much, 0–1000 permille.</summary>
        public static int CellAtRest(int permille)
        {
            var below = permille / 100;
            if (below >= RestMillivolts.Length - 1)
            {
                return RestMillivolts[RestMillivolts.Length - 1];
            }

            var step = RestMillivolts[below + 1] - RestMillivolts[below];
            return RestMillivolts[below] + (step * (permille % 100) / 100);
        }

        /// <summary>What was counted before the power went; the gauge still waits for a first measurement.</summary>
        public void Restore(long charge) => _charge = Bound(charge);

        /// <summary>Current and voltage, as averaged since the last call.</summary>
        /// <param name="milliamperes">Into the battery.</param>
        /// <param name="millivolts">Of the whole battery.</param>
        /// <param name="uptimeMs">Never goes back.</param>
        public void Measure(int milliamperes, int millivolts, long uptimeMs)
        {
            var cell = CellMillivolts(millivolts);
            if (_charge < 0)
            {
                _charge = _capacity / 1000 * AtRest(cell);
            }
            else if (_lastMs >= 0)
            {
                var elapsed = uptimeMs - _lastMs;
                var counted = elapsed > SilenceMaxMs ? SilenceMaxMs : elapsed;
                _charge = Bound(_charge + (((long)_lastMilliamperes + milliamperes) / 2 * counted));
            }

            _lastMs = uptimeMs;
            _lastMilliamperes = milliamperes;
            Correct(milliamperes, cell, uptimeMs);
        }

        /// <summary>Voltage alone: the curve, taken slowly, since a load bends it.</summary>
        public void MeasureVoltage(int millivolts, long uptimeMs)
        {
            var estimate = _capacity / 1000 * AtRest(CellMillivolts(millivolts));
            _charge = _charge < 0 ? estimate : Bound(_charge + ((estimate - _charge) / 16));
            _lastMs = uptimeMs;
        }

        /// <summary>Nothing could be measured. After a minute nothing is said any more either.</summary>
        /// <returns>Whether the charge is still believed.</returns>
        public bool Miss(long uptimeMs) => _lastMs >= 0 && uptimeMs - _lastMs < SilenceMaxMs;

        private int CellMillivolts(int millivolts) =>
            (int)((long)millivolts * CellNominalMillivolts / _nominalMillivolts);

        private long Bound(long charge)
        {
            if (charge < 0)
            {
                return 0;
            }

            return charge > _capacity ? _capacity : charge;
        }

        private void Correct(int milliamperes, int cell, long uptimeMs)
        {
            var isTail = milliamperes >= 0 && milliamperes <= _tailMilliamperes;
            if (HasHeld(isTail && cell >= CellFullMillivolts, ref _fullSinceMs, HoldMs, uptimeMs))
            {
                _charge = _capacity;
            }

            if (HasHeld(cell <= CellEmptyMillivolts, ref _emptySinceMs, HoldMs, uptimeMs))
            {
                _charge = 0;
            }

            var magnitude = milliamperes < 0 ? -milliamperes : milliamperes;
            if (HasHeld(magnitude * 5 / 2 <= _tailMilliamperes, ref _restSinceMs, RestMs, uptimeMs))
            {
                KeepWithinCurve(AtRest(cell));
            }
        }

        private static bool HasHeld(bool holds, ref long sinceMs, long neededMs, long uptimeMs)
        {
            if (!holds)
            {
                sinceMs = -1;
                return false;
            }

            if (sinceMs < 0)
            {
                sinceMs = uptimeMs;
            }

            return uptimeMs - sinceMs >= neededMs;
        }

        /// <summary>On the flat part of the curve the voltage tells to a quarter, on its ends to a tenth.</summary>
        private void KeepWithinCurve(int permille)
        {
            var band = permille > 200 && permille < 900 ? 250 : 100;
            var low = _capacity / 1000 * (permille - band);
            var high = _capacity / 1000 * (permille + band);
            if (_charge < low)
            {
                _charge = Bound(low);
            }
            else if (_charge > high)
            {
                _charge = Bound(high);
            }
        }

        /// <summary>Permille of the curve at this cell voltage.</summary>
        private static int AtRest(int cell)
        {
            if (cell <= RestMillivolts[0])
            {
                return 0;
            }

            for (var i = 1; i < RestMillivolts.Length; i++)
            {
                var below = RestMillivolts[i - 1];
                var above = RestMillivolts[i];
                if (cell < above)
                {
                    return (100 * (i - 1)) + (100 * (cell - below) / (above - below));
                }
            }

            return 1000;
        }
    }
}
