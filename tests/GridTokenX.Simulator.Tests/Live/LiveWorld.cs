using System.Text.Json;
using GridTokenX.Mqtt;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Readings;
using GridTokenX.Protocol.Time;
using GridTokenX.Protocol.Wire;
using GridTokenX.Simulator.Live;
using GridTokenX.Testing;

namespace GridTokenX.Simulator.Tests.Live;

/// <summary>Meters of a live run with a user each, a broker as the gateway's package has it, and somebody at it who
/// acknowledges what he hears.</summary>
internal sealed class LiveWorld : IDisposable
{
    public const string GatewayAccess = "user gateway\ntopic readwrite gtx/v1/#\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("gridtokenx-live-").FullName;
    private readonly LiveKeys _keys;
    private readonly BrokerPasswords _passwords;
    private DateTimeOffset _now = DateTimeOffset.UnixEpoch.AddYears(56);

    public LiveWorld(int meters)
    {
        _keys = LiveKeys.LoadOrCreate(Path.Combine(_folder, "live.json"));
        var options = new LiveOptions
        {
            Meters = meters,
            Seed = 1,
            Zone = "zone-1",
            Interval = TimeSpan.FromMinutes(15),
            RequestsPerSecond = 1,
        };
        Meters = [.. Enumerable.Range(1, meters).Select(number => new LiveMeter(_keys, options, number))];
        var file = Path.Combine(_folder, "devices");
        File.WriteAllLines(file, Meters.Select(static meter => $"user {meter.Device} password {PasswordOf(meter)}"));
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _passwords = BrokerPasswords.Read(file);
    }

    public TestAuthority Authority { get; } = new();

    public IReadOnlyList<LiveMeter> Meters { get; }

    public Task<MosquittoBroker> BrokerAsync((string CertificateFile, string KeyFile)? tls = null)
    {
        var users = Meters.ToDictionary(static meter => meter.Device.ToString(), PasswordOf);
        users.Add("gateway", "g");
        return MosquittoBroker.StartAsync(new MosquittoBrokerOptions(
            users, RepositoryFiles.Read("deploy", "gateway", "access"), Tls: tls));
    }

    public MqttUplink Uplink(MosquittoBroker broker, WallTime time, string? authority = null) =>
        Uplink(broker.Port, time, authority);

    public MqttUplink Uplink(int port, WallTime time, string? authority = null) => new(
        new LiveBroker { Host = "127.0.0.1", Port = port, AuthorityFile = authority, Devices = _passwords },
        [.. Meters.Select(static meter => meter.Device)],
        time);

    public async Task<MosquittoConnection> GatewayAsync(MosquittoBroker broker)
    {
        var gateway = new MosquittoConnection(
            new MqttOptions
            {
                Host = "127.0.0.1",
                Port = broker.Port,
                ClientId = "gateway",
                UserName = "gateway",
                Password = "g",
                TlsAuthorityFile = broker.UsesTls ? Authority.File : null,
                CleanSession = true,
            },
            static (_, _) => { });
        gateway.MessageReceived += message =>
        {
            var reading = JsonSerializer.Deserialize(message.Payload, ProtocolJson.Default.SignedReading)!;
            _ = gateway.PublishAsync(
                Topics.ReadingAck(reading.Device.ToString()),
                JsonSerializer.SerializeToUtf8Bytes(
                    new ReadingAcknowledgement(reading.Sequence), ProtocolJson.Default.ReadingAcknowledgement),
                MqttQos.AtLeastOnce,
                retain: false,
                CancellationToken.None);
        };
        gateway.Subscribe(Topics.AllReadings, MqttQos.AtLeastOnce);
        gateway.Start();
        await Eventually.HoldsAsync(() => gateway.IsConnected);
        return gateway;
    }

    /// <summary>A new one of each meter.</summary>
    public List<SignedReading> Readings()
    {
        _now += TimeSpan.FromMinutes(15);
        foreach (var meter in Meters)
        {
            _ = meter.TryRead(_now);
        }

        return [.. Meters.Select(static meter => meter.Pending.Last())];
    }

    public void Dispose()
    {
        foreach (var meter in Meters)
        {
            meter.Dispose();
        }

        _keys.Dispose();
        Authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string PasswordOf(LiveMeter meter) => $"password-of-{meter.MeterId}";
}
