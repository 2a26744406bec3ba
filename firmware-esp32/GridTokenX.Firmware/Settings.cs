using System;
using System.Text;
using GridTokenX.Firmware.Uplink;

namespace GridTokenX.Firmware
{
    /// <summary>
    /// What the installer writes into <c>I:\config.json</c>: one flat JSON object of strings without escapes and whole
    /// numbers. A member that is not known here is a fault, because it is a misspelt one.
    /// </summary>
    public sealed class Settings
    {
        public const string FileName = "config.json";
        public const string AuthorityFileName = "ca.pem";

        private const int FileMax = 2048;
        private const int TextMax = 128;

        private readonly byte[] _text = new byte[TextMax];

        public DeviceConfig Device { get; } = new DeviceConfig();

        public string WifiSsid { get; private set; }

        public string WifiPassword { get; private set; } = string.Empty;

        /// <summary>Name or address of the gateway's MQTT broker.</summary>
        public string Broker { get; private set; }

        public int BrokerPort { get; private set; } = 1883;

        public string BrokerUser { get; private set; }

        public string BrokerPassword { get; private set; }

        /// <summary>TLS 1.2, the broker's certificate checked with ca.pem.</summary>
        public bool UsesTls { get; private set; }

        /// <summary>SNTP; empty takes the time from the gateway.</summary>
        public string TimeServer { get; private set; } = "pool.ntp.org";

        public GaugeKind Gauge { get; private set; }

        /// <summary>3200 for each cell in series.</summary>
        public int BatteryMillivolts { get; private set; } = 51200;

        public int ShuntMicroohm { get; private set; } = 750;

        /// <summary>Battery voltage over the voltage at the gauge's VBUS pin.</summary>
        public int BusRatioPermille { get; private set; } = 1000;

        /// <summary>Battery voltage at the ADC's full scale.</summary>
        public int DividerFullScaleMillivolts { get; private set; } = 63000;

        /// <exception cref="ArgumentException">No file, or what is wrong in it.</exception>
        public static Settings Load(IFlash flash)
        {
            var buffer = new byte[FileMax];
            var length = flash.Read(FileName, buffer);
            if (length < 0)
            {
                throw new ArgumentException("There is no config.json.");
            }

            if (length > FileMax)
            {
                throw new ArgumentException("config.json is too long.");
            }

            var bytes = new byte[length];
            Array.Copy(buffer, 0, bytes, 0, length);
            var settings = new Settings();
            settings.Read(bytes);
            settings.Check();
            return settings;
        }

        private void Read(byte[] bytes)
        {
            var json = new JsonReader();
            json.Reset(bytes);
            while (json.Next())
            {
                if (!TryReadText(json) && !TryReadNumber(json))
                {
                    throw new ArgumentException("config.json: a member is unknown, or its value is not of its kind.");
                }
            }

            if (!json.IsWhole)
            {
                throw new ArgumentException("config.json is no JSON object.");
            }
        }

        private bool TryReadText(JsonReader json)
        {
            var length = json.TryCopyString(_text);
            if (length < 0)
            {
                return false;
            }

            var text = Encoding.UTF8.GetString(_text, 0, length);
            if (json.Is("wifi_ssid"))
            {
                WifiSsid = text;
            }
            else if (json.Is("wifi_password"))
            {
                WifiPassword = text;
            }
            else if (json.Is("broker"))
            {
                Broker = text;
            }
            else if (json.Is("broker_user"))
            {
                BrokerUser = text;
            }
            else if (json.Is("broker_password"))
            {
                BrokerPassword = text;
            }
            else if (json.Is("time_server"))
            {
                TimeServer = text;
            }
            else
            {
                return json.Is("gauge") && TrySetGauge(text);
            }

            return true;
        }

        private bool TrySetGauge(string text)
        {
            Gauge = text switch
            {
                "none" => GaugeKind.None,
                "ina226" => GaugeKind.Ina226,
                "divider" => GaugeKind.Divider,
                _ => GaugeKind.Unknown,
            };
            return Gauge != GaugeKind.Unknown;
        }

        private bool TryReadNumber(JsonReader json)
        {
            if (!json.TryGetInt64(out var number) || number < 0 || number > int.MaxValue)
            {
                return false;
            }

            var value = (int)number;
            if (json.Is("broker_port"))
            {
                BrokerPort = value;
            }
            else if (json.Is("tls"))
            {
                UsesTls = value != 0;
            }
            else if (json.Is("impulses_per_kwh"))
            {
                Device.ImpulsesPerKwh = value;
            }
            else if (json.Is("interval_s"))
            {
                Device.IntervalSeconds = value;
            }
            else
            {
                return TryReadBattery(json, value);
            }

            return true;
        }

        private bool TryReadBattery(JsonReader json, int value)
        {
            if (json.Is("battery_wh"))
            {
                Device.BatteryCapacityWh = value;
            }
            else if (json.Is("battery_reserve_permille"))
            {
                Device.BatteryReservePermille = value;
            }
            else if (json.Is("battery_mv"))
            {
                BatteryMillivolts = value;
            }
            else if (json.Is("shunt_microohm"))
            {
                ShuntMicroohm = value;
            }
            else if (json.Is("bus_ratio_permille"))
            {
                BusRatioPermille = value;
            }
            else if (json.Is("divider_full_scale_mv"))
            {
                DividerFullScaleMillivolts = value;
            }
            else
            {
                return false;
            }

            return true;
        }

        private void Check()
        {
            if (string.IsNullOrEmpty(WifiSsid) || string.IsNullOrEmpty(Broker))
            {
                throw new ArgumentException("config.json: wifi_ssid and broker have to be there.");
            }

            if ((Gauge == GaugeKind.None) != (Device.BatteryCapacityWh == 0))
            {
                throw new ArgumentException("config.json: battery_wh and gauge belong together.");
            }

            // Above this, charge in mA·ms would not fit into 63 bits together with a thousandfold of it.
            DeviceConfig.CheckRange(Device.BatteryCapacityWh, 0, 100000, "battery_wh");
            DeviceConfig.CheckRange(BrokerPort, 1, 65535, "broker_port");
            DeviceConfig.CheckRange(BatteryMillivolts, 3200, 1000000, "battery_mv");
            DeviceConfig.CheckRange(ShuntMicroohm, 1, 1000000, "shunt_microohm");
            DeviceConfig.CheckRange(BusRatioPermille, 1000, 100000, "bus_ratio_permille");
            DeviceConfig.CheckRange(DividerFullScaleMillivolts, 1, 1000000, "divider_full_scale_mv");
            Device.Check();
        }
    }

    public enum GaugeKind
    {
        None,
        Ina226,
        Divider,
        Unknown,
    }
}
