using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GridTokenX.EdgeGateway.Devices;
using GridTokenX.EdgeGateway.Hosting;
using GridTokenX.Mqtt;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using GridTokenX.Protocol.Wire;

namespace GridTokenX.EdgeGateway.Pairing;

/// <summary>
/// Carries pairings on: asks devices for their consent, the cloud for the registration, brings the cloud's key to the
/// device, and asks the cloud whether the device has taken it. Each step is stored before the next and may be done
/// again, so device, broker, cloud and gateway may each go away in any of them.
/// </summary>
internal sealed class PairingWorker : SupervisedService
{
    private const int InboxCapacity = 200;
    private const int MaxBatch = 50;
    private const int MaxPayloadBytes = 1024;
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(2);

    private readonly HomeBroker _home;
    private readonly PairingCloud _cloud;
    private readonly PairingStore _store;
    private readonly DeviceDirectory _directory;
    private readonly SigningKey _key;
    private readonly Refusals _refusals;
    private readonly ILogger _logger;
    private readonly Inbox<MqttMessage> _inbox = new(InboxCapacity);

    public PairingWorker(
        HomeBroker home,
        PairingCloud cloud,
        PairingStore store,
        DeviceDirectory directory,
        SigningKey key,
        Refusals refusals,
        WallTime wall,
        ILogger<PairingWorker> logger)
        : base(wall, logger)
    {
        (_home, _cloud, _store, _directory, _key) = (home, cloud, store, directory, key);
        (_refusals, _logger) = (refusals, logger);
        home.Connection.MessageReceived += OnMessage;
        home.Connection.Subscribe(Topics.AllConsents, MqttQos.AtLeastOnce);
    }

    /// <summary>Somebody has changed a pairing.</summary>
    internal void Wake() => _inbox.Wake();

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var timer = Wall.Clock.CreateTimer(_ => _inbox.Wake(), null, TimeSpan.Zero, Beat);
        while (!cancellationToken.IsCancellationRequested)
        {
            var messages = await _inbox.TakeAsync(MaxBatch, cancellationToken);
            var pairings = _store.All();
            foreach (var message in messages)
            {
                TakeConsent(message, pairings);
            }

            foreach (var pairing in messages.Count == 0 ? pairings : _store.All())
            {
                await GoOnAsync(pairing, cancellationToken);
            }
        }
    }

    private void OnMessage(MqttMessage message)
    {
        if (message.Topic.EndsWith("/consent", StringComparison.Ordinal) && !_inbox.TryAdd(message))
        {
            _refusals.Add(Refusals.InboxFull, message.Topic);
        }
    }

    /// <summary>Only the device's own signature, over the very owner and gateway that it was asked for.</summary>
    private void TakeConsent(MqttMessage message, IReadOnlyList<PairingState> pairings)
    {
        if (message.Payload.Length > MaxPayloadBytes)
        {
            _refusals.Add(ProblemCodes.RequestTooLarge, message.Topic);
            return;
        }

        DeviceConsent? consent;
        try
        {
            consent = JsonSerializer.Deserialize(message.Payload, ProtocolJson.Default.DeviceConsent);
        }
        catch (JsonException)
        {
            consent = null;
        }

        var pairing = pairings.FirstOrDefault(
            pairing => consent is not null && pairing.Device == consent.Device && pairing.Step == PairingStep.Consent);
        if (consent is null || message.Topic != Topics.Consent(consent.Device.ToString()))
        {
            _refusals.Add(consent is null ? Refusals.MalformedConsent : Refusals.TopicMismatch, message.Topic);
        }
        else if (pairing is not null
            && (consent.Owner != pairing.Owner || consent.Gateway != _key.PublicKey || !IsSigned(consent)))
        {
            _refusals.Add(ProblemCodes.BadConsent, message.Topic);
        }
        else if (pairing is not null)
        {
            _ = _store.TryChange(
                pairing, pairing with { Step = PairingStep.Registering, Consent = consent.Consent, Fault = null });
            Log.PairingStep(_logger, pairing.Device, pairing.MeterId, PairingStep.Registering);
        }
    }

    private static bool IsSigned(DeviceConsent consent)
    {
        var bytes = new byte[RegistrationBytes.Length];
        RegistrationBytes.Write(
            bytes, consent.Device.ToArray(), consent.Owner.ToArray(), consent.Gateway.ToArray());
        return Ed25519.Verify(consent.Device, bytes, consent.Consent);
    }

    private async Task GoOnAsync(PairingState pairing, CancellationToken cancellationToken)
    {
        switch (pairing.Step)
        {
            case PairingStep.Consent:
                await SayAsync(
                    pairing.Device,
                    new ConsentRequest(pairing.Device, pairing.Owner, _key.PublicKey),
                    ProtocolJson.Default.ConsentRequest,
                    cancellationToken);
                break;
            case PairingStep.Registering when pairing.Fault is null:
                await RegisterAsync(pairing, cancellationToken);
                break;
            case PairingStep.Comparing:
                await OfferAsync(pairing, cancellationToken);
                break;
            case PairingStep.Confirming when pairing.Fault is null:
                await OfferAsync(pairing, cancellationToken);
                await ConfirmAsync(pairing, cancellationToken);
                break;
            default:
                break;
        }
    }

    private async Task RegisterAsync(PairingState pairing, CancellationToken cancellationToken)
    {
        var request = new PairMeterRequest(pairing.MeterId, pairing.Device, pairing.Consent!, pairing.Replaces);
        var (answer, refusal) = await _cloud.PairAsync(request, cancellationToken);
        if (answer is not null && answer.Device == pairing.Device)
        {
            var after = pairing with
            {
                Step = PairingStep.Comparing,
                CloudKey = answer.CloudKey,
                Code = answer.PairingCode,
            };
            _ = _store.TryChange(pairing, after);
            _directory.RefreshWanted.Set();
            Log.PairingStep(_logger, pairing.Device, pairing.MeterId, after.Step);
        }
        else if (refusal is not null)
        {
            _ = _store.TryChange(pairing, pairing with { Fault = refusal });
            Log.PairingRefused(_logger, pairing.Device, pairing.MeterId, refusal);
        }
    }

    private async Task ConfirmAsync(PairingState pairing, CancellationToken cancellationToken)
    {
        var (proof, refusal) = await _cloud.ConfirmAsync(pairing.Device, cancellationToken);
        if (proof is { Paired: true })
        {
            _ = _store.TryChange(pairing, pairing with { Step = PairingStep.Paired });
            Log.PairingStep(_logger, pairing.Device, pairing.MeterId, PairingStep.Paired);
        }
        else if (refusal is not null)
        {
            _ = _store.TryChange(pairing, pairing with { Fault = refusal });
            Log.PairingRefused(_logger, pairing.Device, pairing.MeterId, refusal);
        }
    }

    private Task OfferAsync(PairingState pairing, CancellationToken cancellationToken) =>
        SayAsync(
            pairing.Device,
            new PairingOffer(pairing.Device, pairing.CloudKey!.Value),
            ProtocolJson.Default.PairingOffer,
            cancellationToken);

    /// <summary>A device that does not hear it is told again at the next beat.</summary>
    private async Task SayAsync<T>(
        Key32 device, T message, JsonTypeInfo<T> form, CancellationToken cancellationToken)
    {
        if (!_home.Connection.IsConnected)
        {
            return;
        }

        try
        {
            await _home.Connection.PublishAsync(
                Topics.Pairing(device.ToString()),
                JsonSerializer.SerializeToUtf8Bytes(message, form),
                MqttQos.AtLeastOnce,
                retain: false,
                cancellationToken);
        }
        catch (MqttException exception)
        {
            Log.NotAcknowledged(_logger, exception.Message);
        }
    }
}
