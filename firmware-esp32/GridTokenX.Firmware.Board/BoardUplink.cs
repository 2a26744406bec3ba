#nullable enable
using System;
using System.Collections.Concurrent;
using System.Threading;
using System.Threading.Tasks;
using GridTokenX.Mqtt;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.Firmware.Board
{
    /// <summary>
    /// The device's uplink over a real MQTT connection. The connection's thread queues what arrives; the device's
    /// thread takes it out with <see cref="Deliver"/>.
    /// </summary>
    public sealed class BoardUplink : IBoardUplink, IDisposable
    {
        // A gateway sends at most an acknowledgement for each reading in flight and a few commands; what is above is
        // dropped, as a device's own small queue would, and heals by repetition.
        private const int QueueMax = 1024;
        private const int InFlightMax = 256;

        private readonly IMqttConnection _connection;
        private readonly ConcurrentQueue<MqttMessage?> _arrived = new();
        private int _inFlight;
        private long _failed;
        private long _dropped;

        /// <param name="connection">Made with <see cref="Options"/>; is started by its owner, after this.</param>
        /// <param name="device">The device's id.</param>
        public BoardUplink(IMqttConnection connection, string device)
        {
            _connection = connection;
            connection.MessageReceived += Enqueue;
            connection.ConnectionChanged += OnConnectionChanged;
            connection.Subscribe(Topics.ReadingAck(device), MqttQos.AtLeastOnce);
            connection.Subscribe(Topics.Command(device), MqttQos.AtLeastOnce);
        }

        /// <summary>Something waits for <see cref="Deliver"/>; raised on the connection's thread.</summary>
        public event Action? Arrived;

        public bool IsConnected => _connection.IsConnected;

        /// <summary>Publications that failed after they were handed over; the device repeats what matters.</summary>
        public long Failed => Interlocked.Read(ref _failed);

        /// <summary>Messages that arrived into a full queue.</summary>
        public long Dropped => Interlocked.Read(ref _dropped);

        /// <summary>
        /// How a device connects: its id as client id, a session that is kept, the last will on its status topic.
        /// </summary>
        public static MqttOptions Options(string host, int port, string device) =>
            new()
            {
                Host = host,
                Port = port,
                ClientId = "gtx-" + device,
                CleanSession = false,
                Will = new MqttWill(Topics.Status(device), Device.LastWill(), MqttQos.AtLeastOnce, Retain: true),
            };

        public bool Publish(string topic, byte[] payload, bool retain)
        {
            if (!_connection.IsConnected || Volatile.Read(ref _inFlight) >= InFlightMax)
            {
                return false;
            }

            Interlocked.Increment(ref _inFlight);
            _ = PublishAsync(topic, payload, retain);
            return true;
        }

        public int Deliver(Device device)
        {
            var count = 0;
            while (count < QueueMax && _arrived.TryDequeue(out var message))
            {
                count++;
                if (message is null)
                {
                    device.OnConnected();
                }
                else
                {
                    device.OnMessage(message.Topic, message.Payload);
                }
            }

            return count;
        }

        /// <summary>Leaves the connection; it is its owner's to end.</summary>
        public void Dispose()
        {
            _connection.MessageReceived -= Enqueue;
            _connection.ConnectionChanged -= OnConnectionChanged;
        }

        private async Task PublishAsync(string topic, byte[] payload, bool retain)
        {
            try
            {
                await _connection.PublishAsync(topic, payload, MqttQos.AtLeastOnce, retain, CancellationToken.None);
            }
            catch (MqttException)
            {
                Interlocked.Increment(ref _failed);
            }
            finally
            {
                Interlocked.Decrement(ref _inFlight);
            }
        }

        private void OnConnectionChanged(bool connected)
        {
            if (connected)
            {
                Enqueue(null);
            }
        }

        private void Enqueue(MqttMessage? message)
        {
            if (_arrived.Count >= QueueMax)
            {
                Interlocked.Increment(ref _dropped);
                return;
            }

            _arrived.Enqueue(message);
            Arrived?.Invoke();
        }
    }
}
