using System;
using System.Device.Gpio;
using System.Threading;
using GridTokenX.Firmware.Identity;
using GridTokenX.Firmware.Pairing;
using GridTokenX.Firmware.Panel;
using GridTokenX.Firmware.Signing;
using GridTokenX.Firmware.Storage;
using GridTokenX.Firmware.Uplink;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Firmware.Hardware
{
    /// <summary>
    /// The device with everything around it, as a step function: Step and Show on one thread, Connect on the same one
    /// or another. It never waits, except inside Connect. An exception out of Step or Show means: try again, and
    /// restart when that does not help. A device that must not go on (no settings, damaged memory) still shows why and
    /// can be reset.
    /// </summary>
    internal sealed class Appliance
    {
        /// <summary>How often Step wants to be called when nothing happens; ends of intervals are multiples of it.
        /// </summary>
        internal const int StepMs = 5000;

        private const int IdleMs = 1000;
        private const int ButtonMs = 100;
        private const int MessageMax = 1024;
        private const long OfflineMaxMs = 24L * 3600 * 1000;

        private readonly FlashFiles _flash = new FlashFiles();
        private readonly Inbox _inbox = new Inbox();
        private readonly JsonReader _json = new JsonReader();
        private readonly StatusLight _light;
        private readonly PushButton _button;
        private readonly GpioController _gpio = new GpioController();
        private readonly LockRelay _relay;
        private MeterInputs _inputs;
        private MqttLink _link;
        private Connectivity _connectivity;
        private PairingDesk _pairing;
        private string _pairingTopic;
        private LightPattern _fault;
        private long _chargeSavedWith;

        /// <param name="wakeDevice">Is set when Step should be called before its time.</param>
        /// <param name="wakeNetwork">Is set when Connect should be.</param>
        internal Appliance(AutoResetEvent wakeDevice, AutoResetEvent wakeNetwork)
        {
            Board.Assign();
            _light = new StatusLight(_gpio);
            _light.Show(LightPattern.Starting);
            _light.Run(0);
            _button = new PushButton(_gpio, wakeDevice);
            _relay = new LockRelay(_gpio);
            try
            {
                Start(wakeDevice, wakeNetwork);
            }
            catch (ArgumentException exception)
            {
                Fail(LightPattern.NoSettings, exception.Message);
            }
            catch (InvalidOperationException exception)
            {
                Fail(LightPattern.Fault, exception.Message);
            }
        }

        /// <summary>Null when the device must not go on.</summary>
        internal Device Device { get; private set; }

        internal PairingDesk Pairing => _pairing;

        /// <summary>Something arrived that Step is to take in.</summary>
        internal bool HasMessages => _inbox.Count > 0;

        internal bool IsOnline => _link != null && _link.IsConnected;

        internal int StateOfChargePermille => _inputs.StateOfChargePermille;

        internal LightPattern Light => _light.Pattern;

        /// <summary>Everything is saved, and only a restart goes on.</summary>
        internal bool WantsRestart { get; private set; }

        /// <summary>Measures, signs, publishes and obeys what is due.</summary>
        internal void Step()
        {
            if (Device == null)
            {
                return;
            }

            var uptimeMs = Clock.UptimeMs;
            _inputs.Measure(uptimeMs);
            Device.Step(Clock.UtcNow, Clock.IsKnown, uptimeMs);

            // After the step: a lock that has just expired must not refuse the next one.
            if (TakeMessages(uptimeMs))
            {
                Device.Step(Clock.UtcNow, Clock.IsKnown, uptimeMs);
            }

            if (Device.ReadingSequence != _chargeSavedWith)
            {
                _inputs.Save();
                _chargeSavedWith = Device.ReadingSequence;
            }

            if (uptimeMs - _connectivity.LastConnectedMs > OfflineMaxMs && !WantsRestart)
            {
                // A radio that hangs looks like a gateway that is away. A restart costs some seconds of pulses; the
                // chip's clock goes on, and with it the readings.
                Serial.Say("No connection for a day: restarting.");
                Device.Rest();
                _inputs.Save();
                WantsRestart = true;
            }
        }

        /// <summary>Button and LED.</summary>
        /// <returns>Milliseconds until it wants to be called again.</returns>
        internal int Show()
        {
            var uptimeMs = Clock.UptimeMs;
            var press = _button.Poll(uptimeMs);
            if (press == PushButton.Long)
            {
                Forget();
            }
            else if (press == PushButton.Short && Device != null)
            {
                PressShortly(uptimeMs);
            }

            if (Device != null)
            {
                _pairing.Advance(uptimeMs);
            }

            _light.Show(Choose(uptimeMs));
            var wait = _light.Run(uptimeMs);
            var idle = _button.IsDown ? ButtonMs : IdleMs;
            return wait < idle ? wait : idle;
        }

        /// <summary>Wi-Fi, time and broker; may block for a minute.</summary>
        /// <returns>Milliseconds until it wants to be called again.</returns>
        internal int Connect() => _connectivity == null ? StepMs : _connectivity.Run();

        private void Start(AutoResetEvent wakeDevice, AutoResetEvent wakeNetwork)
        {
            var settings = Settings.Load(_flash);
            _inputs = new MeterInputs(settings, _flash, _gpio);
            var seed = DeviceIdentity.LoadOrMake(_flash, MakeEntropy);
            var key = new DeviceKey(seed);
            Array.Clear(seed, 0, seed.Length);
            var id = Base58.Encode(key.PublicKey);
            _link = new MqttLink(settings, _flash, id, _inbox, wakeDevice, wakeNetwork);
            _pairing = new PairingDesk(_flash, key, id);
            _pairingTopic = Topics.Pairing(id);
            Device = new Device(settings.Device, key, new DevicePorts
            {
                Input = _inputs,
                Flash = _flash,
                Relay = _relay,
                Uplink = _link,
                Mac = new PlatformMac(),
            });
            Device.CommandKey = _pairing.CommandKey;
            _chargeSavedWith = Device.ReadingSequence;
            _connectivity = new Connectivity(settings, _link);
            Serial.Say("GridTokenX " + Device.FirmwareVersion + ", device " + Device.Id);
        }

        private static IEntropy MakeEntropy()
        {
            Serial.Say("Making a new identity.");
            return new HardwareEntropy();
        }

        private void Fail(LightPattern pattern, string why)
        {
            _fault = pattern;
            Device = null;
            _connectivity = null;
            Serial.Say("The device does not start: " + why);
            KeepLock();
        }

        /// <summary>
        /// What was promised stays promised, also while the device does not go on; what cannot be read may have been.
        /// </summary>
        private void KeepLock()
        {
            try
            {
                var memory = new DeviceMemory(_flash);
                _relay.Set(memory.Load()
                    ? memory.LockState != StateBytes.StateIdle
                    : DeviceIdentity.IsThere(_flash));
            }
            catch (InvalidOperationException)
            {
                _relay.Set(true);
            }
        }

        private bool TakeMessages(long uptimeMs)
        {
            var hasTaken = false;
            while (_inbox.TryTake(out var topic, out var payload))
            {
                hasTaken = true;
                if (topic == MqttLink.Connected)
                {
                    Device.OnConnected();
                }
                else if (payload == null || payload.Length > MessageMax)
                {
                    Serial.Say("A message was too long.");
                }
                else if (topic == Topics.Time)
                {
                    TakeTime(payload);
                }
                else if (topic == _pairingTopic)
                {
                    TakePairing(payload, uptimeMs);
                }
                else
                {
                    Device.OnMessage(topic, payload);
                }
            }

            return hasTaken;
        }

        /// <summary>The gateway's time serves where no time server does.</summary>
        private void TakeTime(byte[] payload)
        {
            var unix = 0L;
            _json.Reset(payload);
            while (_json.Next())
            {
                if (_json.Is("unix") && !_json.TryGetInt64(out unix))
                {
                    return;
                }
            }

            var error = unix - Clock.UnixNow;
            if (_json.IsWhole && (!Clock.IsKnown || (!_connectivity.HasTimeServer && (error > 2 || error < -2))))
            {
                Clock.TrySet(unix);
            }
        }

        private void TakePairing(byte[] payload, long uptimeMs)
        {
            var shown = _pairing.Code;
            _json.Reset(payload);
            if (!_pairing.TryTake(_json, uptimeMs, out var wantsConsent))
            {
                Serial.Say("A pairing message was not understood.");
                return;
            }

            if (wantsConsent)
            {
                Device.PublishConsent(_pairing.Owner, _pairing.Gateway);
                Serial.Say("Consent signed for owner " + Base58.Encode(_pairing.Owner));
            }

            if (shown == null && _pairing.Code != null)
            {
                SayCode();
            }
        }

        private void PressShortly(long uptimeMs)
        {
            if (_pairing.Press(uptimeMs))
            {
                Device.CommandKey = _pairing.CommandKey;
                Serial.Say("Paired.");
                return;
            }

            Serial.Say("Device " + Device.Id);
            SayName();
            if (_pairing.Code != null)
            {
                SayCode();
            }
        }

        /// <summary>The device's name as text and as a QR code to be read off the screen.</summary>
        private void SayName()
        {
            var text = "gridtokenx:device:" + Device.Id;
            var code = new QrCode(text);
            for (var i = 0; i < QrCode.Lines; i++)
            {
                Serial.Say(code.Line(i));
            }

            Serial.Say("QR " + text);
        }

        private void SayCode() => Serial.Say(
            "Pairing code " + _pairing.Code + ", check digit " + _pairing.CheckDigit.ToString()
            + ". Press again only if the cloud shows the same code.");

        private void Forget()
        {
            Serial.Say("Factory reset.");
            DeviceIdentity.Forget(_flash);
            Device = null;
            _connectivity = null;
            WantsRestart = true;
        }

        private LightPattern Choose(long uptimeMs)
        {
            if (_button.IsHeld || Device == null)
            {
                return _button.IsHeld || _fault == null ? LightPattern.Reset : _fault;
            }

            if (_pairing.IsOpen(uptimeMs))
            {
                return _pairing.Code == null ? LightPattern.Waiting : LightPattern.Digit(_pairing.CheckDigit);
            }

            if (!_link.IsConnected)
            {
                return _connectivity.HasNetwork ? LightPattern.NoGateway : LightPattern.NoNetwork;
            }

            if (!Clock.IsKnown)
            {
                return LightPattern.NoTime;
            }

            return Device.LockState == StateBytes.StateIdle ? LightPattern.Well : LightPattern.Locked;
        }
    }
}
