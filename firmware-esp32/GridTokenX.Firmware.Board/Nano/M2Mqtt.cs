// nanoFramework.M2Mqtt 5.1.220, as far as the firmware uses it, over this repository's MQTT client.

#nullable enable
using System;
using System.Collections;
using System.IO;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using GridTokenX.Firmware.Board;
using GridTokenX.Mqtt;
using nanoFramework.M2Mqtt.Exceptions;
using nanoFramework.M2Mqtt.Messages;

namespace nanoFramework.M2Mqtt.Messages
{
    public enum MqttQoSLevel : byte
    {
        AtMostOnce = 0,
        AtLeastOnce = 1,
        ExactlyOnce = 2,
        GrantedFailure = 0x80,
    }

    public enum MqttReasonCode : byte
    {
        Success = 0,
        ServerUnavailable = 0x88,
    }

    public class MqttMsgPublishEventArgs(
        string topic, byte[] message, bool dupFlag, MqttQoSLevel qosLevel, bool retain) : EventArgs
    {
        public string Topic { get; } = topic;

        public byte[] Message { get; } = message;

        public bool DupFlag { get; } = dupFlag;

        public MqttQoSLevel QosLevel { get; } = qosLevel;

        public bool Retain { get; } = retain;
    }
}

namespace nanoFramework.M2Mqtt.Exceptions
{
    public enum MqttClientErrorCode
    {
        InflightQueueFull = 14,
    }

    public class MqttClientException(MqttClientErrorCode errorCode) : Exception
    {
        public MqttClientErrorCode ErrorCode { get; set; } = errorCode;
    }

    public class MqttCommunicationException : Exception
    {
    }

    public class MqttConnectionException(string message, Exception? innerException) : Exception(message, innerException)
    {
    }
}

namespace nanoFramework.M2Mqtt
{
    public enum MqttSslProtocols
    {
        None,
        SSLv3,
        TLSv1_0,
        TLSv1_1,
        TLSv1_2,
        TLSv1_3,
    }

    public interface IMqttClient
    {
        delegate void MqttMsgPublishEventHandler(object sender, MqttMsgPublishEventArgs e);

        delegate void ConnectionClosedEventHandler(object sender, EventArgs e);

        bool IsConnected { get; }
    }

    public class MqttClient(
        string brokerHostName,
        int brokerPort,
        bool secure,
        X509Certificate? caCert,
        X509Certificate? clientCert,
        MqttSslProtocols sslProtocol) : IMqttClient, IDisposable
    {
        private const int InFlightMax = 256;

        private readonly SimulatedHardware _hardware = WithAddressOf(brokerHostName);
        private readonly ManualResetEventSlim _answered = new();
        private IMqttConnection? _connection;
        private int _inFlight;
        private int _messageId;
        private volatile bool _isOpen;

        public event IMqttClient.MqttMsgPublishEventHandler? MqttMsgPublishReceived;

        public event IMqttClient.ConnectionClosedEventHandler? ConnectionClosed;

        public bool IsConnected => _isOpen && _hardware.Wifi.IsUp && _connection is { IsConnected: true };

        /// <summary>Waits for the broker's answer, as the real one does, and not for ever.</summary>
        public MqttReasonCode Connect(
            string clientId,
            string username,
            string password,
            bool willRetain,
            MqttQoSLevel willQosLevel,
            bool willFlag,
            string willTopic,
            string willMessage,
            bool cleanSession,
            ushort keepAlivePeriod)
        {
            if (!_hardware.Wifi.IsUp)
            {
                throw new MqttConnectionException("There is no network.", null);
            }

            if (clientCert is not null || (secure && sslProtocol < MqttSslProtocols.TLSv1_2))
            {
                throw new NotSupportedException("TLS 1.2 without a client certificate is played here.");
            }

            _connection = _hardware.Network.Open(new MqttOptions
            {
                Host = brokerHostName,
                Port = brokerPort,
                ClientId = clientId,
                UserName = username,
                Password = password,
                TlsAuthorityFile = secure ? SimulatedNetwork.AuthorityFile(caCert) : null,
                CleanSession = cleanSession,
                KeepAlive = TimeSpan.FromSeconds(keepAlivePeriod),
                Will = willFlag
                    ? new MqttWill(willTopic, Encoding.UTF8.GetBytes(willMessage), (MqttQos)willQosLevel, willRetain)
                    : null,
            });
            _connection.MessageReceived += OnMessage;
            _connection.ConnectionChanged += OnConnectionChanged;
            _isOpen = true;
            _connection.Start();
            if (_connection.IsConnected || _answered.Wait(_hardware.Network.ConnectTimeout))
            {
                return MqttReasonCode.Success;
            }

            Close();
            throw new MqttConnectionException("The broker does not answer.", null);
        }

        public MqttReasonCode Subscribe(string[] topics, MqttQoSLevel[] qosLevels)
        {
            for (var i = 0; i < topics.Length; i++)
            {
                Open().Subscribe(topics[i], (MqttQos)qosLevels[i]);
            }

            return MqttReasonCode.Success;
        }

        public ushort Publish(
            string topic,
            byte[] message,
            string? contentType,
            ArrayList? userProperties,
            MqttQoSLevel qosLevel,
            bool retain)
        {
            if (!IsConnected)
            {
                throw new MqttCommunicationException();
            }

            if (Interlocked.Increment(ref _inFlight) > InFlightMax)
            {
                Interlocked.Decrement(ref _inFlight);
                throw new MqttClientException(MqttClientErrorCode.InflightQueueFull);
            }

            _ = PublishAsync(Open(), topic, message, (MqttQos)qosLevel, retain);
            _messageId = (_messageId % ushort.MaxValue) + 1;
            return (ushort)_messageId;
        }

        public void Disconnect() => Close();

        public void Close()
        {
            _isOpen = false;
            if (Interlocked.Exchange(ref _connection, null) is { } connection)
            {
                connection.MessageReceived -= OnMessage;
                connection.ConnectionChanged -= OnConnectionChanged;
                _hardware.Network.Leave(connection);
            }
        }

        public void Dispose()
        {
            Close();
            _answered.Dispose();
            GC.SuppressFinalize(this);
        }

        /// <summary>The real one asks for the address when it is made.</summary>
        private static SimulatedHardware WithAddressOf(string host)
        {
            var hardware = SimulatedHardware.Current;
            return hardware.HasNames || IPAddress.TryParse(host, out _)
                ? hardware
                : throw new IOException("No address is known for " + host);
        }

        private IMqttConnection Open() => _connection ?? throw new MqttCommunicationException();

        /// <summary>What does not arrive is lost without a word: the firmware repeats what matters.</summary>
        private async Task PublishAsync(
            IMqttConnection connection, string topic, byte[] message, MqttQos qos, bool retain)
        {
            try
            {
                await connection.PublishAsync(topic, message, qos, retain, CancellationToken.None);
            }
            catch (MqttException)
            {
                _hardware.Network.CountLost();
            }
            finally
            {
                Interlocked.Decrement(ref _inFlight);
            }
        }

        private void OnMessage(MqttMessage message)
        {
            if (_isOpen && _hardware.IsPowered)
            {
                MqttMsgPublishReceived?.Invoke(this, new MqttMsgPublishEventArgs(
                    message.Topic, message.Payload, false, MqttQoSLevel.AtLeastOnce, message.Retained));
            }
        }

        private void OnConnectionChanged(bool isConnected)
        {
            if (isConnected)
            {
                _answered.Set();
            }
            else if (_isOpen)
            {
                // The real client does not come back by itself either.
                Close();
                ConnectionClosed?.Invoke(this, EventArgs.Empty);
            }
        }
    }
}
