#nullable enable
using System;
using System.Collections.Concurrent;
using System.IO;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using System.Threading.Tasks;
using GridTokenX.Mqtt;

namespace GridTokenX.Firmware.Board
{
    /// <summary>How boards reach a broker: over the real MQTT client, or over what a test puts in its place.</summary>
    public class SimulatedNetwork
    {
        private readonly Action<string, Exception?> _report;
        private readonly MqttLoop? _loop;
        private readonly ConcurrentDictionary<IMqttConnection, bool> _open = new();
        private long _lost;

        /// <param name="report">Of the connections' own troubles.</param>
        /// <param name="loop">Serves the connections of many boards; each has its own when null.</param>
        public SimulatedNetwork(Action<string, Exception?>? report = null, MqttLoop? loop = null)
        {
            _report = report ?? ((_, _) => { });
            _loop = loop;
        }

        /// <summary>The local socket of the broker that every name leads to; null where names are looked up.</summary>
        public string? LocalBroker { get; init; }

        /// <summary>Publications that were handed over and never acknowledged by the broker.</summary>
        public long Lost => Interlocked.Read(ref _lost);

        /// <summary>How long the MQTT client waits for a broker.</summary>
        public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(30);

        protected internal virtual IMqttConnection Open(MqttOptions options)
        {
            var way = LocalBroker is null ? options : options with { Host = LocalBroker };
            var connection = new MosquittoConnection(way, _report, loop: _loop);
            _open[connection] = true;
            return connection;
        }

        /// <summary>Ends a connection; nobody waits for it.</summary>
        protected internal virtual void Leave(IMqttConnection connection)
        {
            _open.TryRemove(connection, out _);
            _ = EndAsync(connection);
        }

        /// <summary>What a board leaves open when its power goes.</summary>
        public void LeaveAll()
        {
            foreach (var connection in _open.Keys)
            {
                Leave(connection);
            }
        }

        internal void CountLost() => Interlocked.Increment(ref _lost);

        /// <summary>The MQTT client wants a file.</summary>
        internal static string AuthorityFile(X509Certificate? certificate)
        {
            ArgumentNullException.ThrowIfNull(certificate);
            using var authority = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
            var path = Path.Combine(Path.GetTempPath(), $"gridtokenx-ca-{authority.Thumbprint}.pem");
            var draft = $"{path}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}";
            File.WriteAllText(draft, authority.ExportCertificatePem());
            File.Move(draft, path, overwrite: true);
            return path;
        }

        private async Task EndAsync(IMqttConnection connection)
        {
            try
            {
                await connection.DisposeAsync();
            }
            catch (MqttException exception)
            {
                _report("A board's connection did not end well.", exception);
            }
        }
    }
}
