using System;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading;
using GridTokenX.Firmware.Uplink;
using GridTokenX.Protocol.Wire;
using nanoFramework.M2Mqtt;
using nanoFramework.M2Mqtt.Messages;

namespace GridTokenX.Firmware.Hardware
{
    /// <summary>
    /// The connection to the gateway's broker. Connecting blocks and belongs to the network's thread; publishing and
    /// taking out of the inbox to the device's.
    /// </summary>
    internal sealed class MqttLink : IUplink
    {
        /// <summary>In the inbox: the connection was made.</summary>
        internal const string Connected = "";

        private const ushort KeepAliveSeconds = 30;
        private const int AuthorityMax = 4096;

        private readonly Settings _settings;
        private readonly X509Certificate _authority;
        private readonly Inbox _inbox;
        private readonly AutoResetEvent _wakeDevice;
        private readonly AutoResetEvent _wakeNetwork;
        private readonly string _device;
        private readonly string _will;
        private readonly string[] _topics;
        private readonly MqttQoSLevel[] _levels;
        private MqttClient _client;
        private bool _isUp;

        internal MqttLink(
            Settings settings, IFlash flash, string device, Inbox inbox, AutoResetEvent wakeDevice,
            AutoResetEvent wakeNetwork)
        {
            _settings = settings;
            _device = device;
            _inbox = inbox;
            _wakeDevice = wakeDevice;
            _wakeNetwork = wakeNetwork;
            _authority = settings.UsesTls ? ReadAuthority(flash) : null;
            var will = Device.LastWill();
            _will = Encoding.UTF8.GetString(will, 0, will.Length);
            _topics = new[]
            {
                Topics.ReadingAck(device), Topics.Command(device), Topics.Pairing(device), Topics.Time,
            };
            _levels = new[]
            {
                MqttQoSLevel.AtLeastOnce, MqttQoSLevel.AtLeastOnce, MqttQoSLevel.AtLeastOnce, MqttQoSLevel.AtMostOnce,
            };
        }

        public bool IsConnected
        {
            get
            {
                var client = _client;
                return _isUp && client != null && client.IsConnected;
            }
        }

        /// <summary>Blocks until the broker has answered or the client gives up, half a minute at most.</summary>
        internal bool TryConnect()
        {
            Drop();
            try
            {
                // It asks for the broker's address already here, and throws when nobody knows it.
                var client = new MqttClient(
                    _settings.Broker, _settings.BrokerPort, _settings.UsesTls, _authority, null,
                    _settings.UsesTls ? MqttSslProtocols.TLSv1_2 : MqttSslProtocols.None);
                client.MqttMsgPublishReceived += OnMessage;
                client.ConnectionClosed += OnClosed;
                _client = client;
                var answer = client.Connect(
                    "gtx-" + _device, _settings.BrokerUser, _settings.BrokerPassword, true, MqttQoSLevel.AtLeastOnce,
                    true, Topics.Status(_device), _will, false, KeepAliveSeconds);
                if (answer != MqttReasonCode.Success)
                {
                    Serial.Say("The broker refuses: reason " + ((int)answer).ToString());
                    Drop();
                    return false;
                }

                client.Subscribe(_topics, _levels);
            }
            catch (Exception exception)
            {
                Serial.Say("No connection to the broker: " + exception.Message);
                Drop();
                return false;
            }

            _isUp = true;
            _inbox.Add(Connected, null);
            _wakeDevice.Set();
            return true;
        }

        public bool Publish(string topic, byte[] payload, int length, bool retain)
        {
            var client = _client;
            if (!_isUp || client == null)
            {
                return false;
            }

            // The client keeps what it is given until the broker has acknowledged it.
            var message = new byte[length];
            Array.Copy(payload, 0, message, 0, length);
            try
            {
                client.Publish(topic, message, null, null, MqttQoSLevel.AtLeastOnce, retain);
                return true;
            }
            catch (Exception exception)
            {
                // A full queue or a broken connection: the device repeats what matters.
                Serial.Say("Not published: " + exception.Message);
                return false;
            }
        }

        internal void Drop()
        {
            var client = _client;
            _isUp = false;
            _client = null;
            if (client == null)
            {
                return;
            }

            client.MqttMsgPublishReceived -= OnMessage;
            client.ConnectionClosed -= OnClosed;
            try
            {
                client.Close();
                client.Dispose();
            }
            catch (Exception exception)
            {
                Serial.Say("The connection did not end well: " + exception.Message);
            }
        }

        private void OnMessage(object sender, MqttMsgPublishEventArgs e)
        {
            // A kept time is old by nobody knows how much.
            if (e.Retain && e.Topic == Topics.Time)
            {
                return;
            }

            _inbox.Add(e.Topic, e.Message);
            _wakeDevice.Set();
        }

        private void OnClosed(object sender, EventArgs e)
        {
            _isUp = false;
            _wakeNetwork.Set();
        }

        private static X509Certificate ReadAuthority(IFlash flash)
        {
            var buffer = new byte[AuthorityMax];
            var length = flash.Read(Settings.AuthorityFileName, buffer);
            if (length <= 0 || length > AuthorityMax)
            {
                throw new ArgumentException("tls needs ca.pem, of at most 4096 bytes.");
            }

            // The zero at the end is how the chip's TLS library knows a PEM file.
            var bytes = new byte[length + 1];
            Array.Copy(buffer, 0, bytes, 0, length);
            try
            {
                return new X509Certificate(bytes);
            }
            catch (Exception exception)
            {
                throw new ArgumentException("ca.pem is no certificate: " + exception.Message, exception);
            }
        }
    }
}
