using System;
using System.Threading;
using nanoFramework.Runtime.Native;

namespace GridTokenX.Firmware.Hardware
{
    /// <summary>
    /// Two threads work, the first one watches them: the device's, which measures, signs and answers, and the
    /// network's, which connects. None of them waits without an end. The watch is kept by the network's thread too, in
    /// case the first one dies.
    /// </summary>
    internal sealed class Shell
    {
        private const int WatchMs = 2000;
        private const long WatchPatienceMs = 60000;
        private const long DevicePatienceMs = 120000;
        private const long NetworkPatienceMs = 300000;

        private readonly AutoResetEvent _wakeDevice = new AutoResetEvent(false);
        private readonly AutoResetEvent _wakeNetwork = new AutoResetEvent(false);
        private readonly AutoResetEvent _never = new AutoResetEvent(false);
        private readonly Appliance _appliance;
        private readonly Worker _device;
        private readonly Worker _network;
        private long _watchedAtMs;
        private long _nextStepMs;

        internal Shell()
        {
            _appliance = new Appliance(_wakeDevice, _wakeNetwork);
            _device = new Worker("Device", RunDevice, _wakeDevice, DevicePatienceMs);
            _network = new Worker("Network", RunNetwork, _wakeNetwork, NetworkPatienceMs);
        }

        /// <summary>Does not return.</summary>
        internal void Run()
        {
            _watchedAtMs = Clock.UptimeMs;
            _device.Start();
            _network.Start();
            while (true)
            {
                _watchedAtMs = Clock.UptimeMs;
                Watch(_device);
                Watch(_network);
                _never.WaitOne(WatchMs, false);
            }
        }

        /// <summary>Ends everything; the chip starts again.</summary>
        internal static void Restart(string why)
        {
            Serial.Say("Restarting: " + why);
            Power.RebootDevice(RebootOption.NormalReboot);
        }

        private static void Watch(Worker worker)
        {
            if (worker.WantsRestart)
            {
                Restart(worker.Name + " asks for it.");
            }
            else if (worker.IsStuck(Clock.UptimeMs))
            {
                Restart(worker.Name + " is stuck.");
            }
        }

        private int RunDevice()
        {
            var wait = _appliance.Show();
            var uptimeMs = Clock.UptimeMs;
            if (uptimeMs >= _nextStepMs || _appliance.HasMessages)
            {
                _appliance.Step();
                _nextStepMs = NextStepMs();
            }

            if (_appliance.WantsRestart)
            {
                return Worker.Restart;
            }

            var untilStep = (int)(_nextStepMs - Clock.UptimeMs);
            if (untilStep < wait)
            {
                wait = untilStep;
            }

            return wait < 0 ? 0 : wait;
        }

        /// <summary>On multiples of the step in the chip's time, so that an interval's end is met.</summary>
        private static long NextStepMs()
        {
            var unixMs = (Clock.UtcNow - System.DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMillisecond;
            return Clock.UptimeMs + Appliance.StepMs - (unixMs % Appliance.StepMs);
        }

        private int RunNetwork()
        {
            if (Clock.UptimeMs - _watchedAtMs > WatchPatienceMs)
            {
                Restart("nobody watches.");
            }

            return _appliance.Connect();
        }
    }
}
