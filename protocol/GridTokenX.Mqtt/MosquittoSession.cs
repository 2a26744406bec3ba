using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GridTokenX.Mqtt.Interop;

namespace GridTokenX.Mqtt;

/// <summary>
/// One native client, from one attempt to connect to the loss of that connection. A new one is made for every attempt,
/// because libmosquitto keeps unacknowledged messages over its own reconnects and would send them again behind the
/// caller's back. Every member is called on the connection's one thread; libmosquitto is told to write only there as
/// well, so its PUBACK of an incoming message leaves after the handler has returned.
/// </summary>
internal sealed unsafe class MosquittoSession : IDisposable
{
    private readonly IMosquittoEvents _events;
    private readonly Dictionary<int, PendingPublish> _unacknowledged = [];
    private readonly Queue<PendingPublish> _waiting = [];
    private readonly HashSet<int> _subscribing = [];
    private readonly int _maxInFlight;
    private readonly int _goOnAt;
    private readonly bool _tls;
    private readonly bool _isLocal;
    private GCHandle _self;
    private IntPtr _client;
    private int _callbacks;
    private bool _wasWritable;
    private int _queued;
    private string? _tlsTrouble;

    /// <exception cref="MqttException">An option is not usable, or memory is short.</exception>
    internal MosquittoSession(MqttOptions options, int maxUnacknowledged, IMosquittoEvents events)
    {
        _events = events;
        _maxInFlight = Math.Min(options.MaxInFlight ?? maxUnacknowledged, maxUnacknowledged);
        _goOnAt = options.MaxInFlight is null ? _maxInFlight - 1 : _maxInFlight / 2;
        _tls = options.TlsAuthorityFile is not null;
        _isLocal = MqttOptions.IsLocal(options.Host);
        _self = GCHandle.Alloc(this);
        _client = Mosquitto.mosquitto_new(options.ClientId, options.CleanSession, GCHandle.ToIntPtr(_self));
        if (_client == IntPtr.Zero)
        {
            _self.Free();
            throw new MqttException("libmosquitto could not make a client.");
        }

        try
        {
            Configure(options, maxUnacknowledged);
        }
        catch (MqttException)
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The broker has accepted the connection.</summary>
    internal bool IsAccepted { get; private set; }

    /// <summary>Messages handed over and not yet acknowledged.</summary>
    internal int Unacknowledged => _unacknowledged.Count + _waiting.Count;

    /// <summary>Why the broker refused; null when it did not.</summary>
    internal string? Refusal { get; private set; }

    internal bool SubscriptionsAreInPlace => IsAccepted && _subscribing.Count == 0;

    internal void BeginConnect(MqttOptions options)
    {
        var keepAlive = (int)options.KeepAlive.TotalSeconds;
        var port = _isLocal ? Mosquitto.PortOfLocalSocket : options.Port;
        Check(Mosquitto.mosquitto_connect_async(_client, options.Host, port, keepAlive));
    }

    /// <summary>Negative when there is none any more.</summary>
    internal int Socket => Mosquitto.mosquitto_socket(_client);

    /// <summary>
    /// What the socket is waited for. During a TLS handshake libmosquitto goes on asking for writability that it does
    /// not wait for.
    /// </summary>
    internal short Events =>
        (short)(Epoll.Readable | (WantsWrite && !(_tls && !IsAccepted && _wasWritable) ? Epoll.Writable : 0));

    /// <summary>There may be more to read, whether or not the socket shows it.</summary>
    internal bool HasMore { get; private set; }

    private bool WantsWrite => Mosquitto.mosquitto_want_write(_client);

    /// <summary>Does what there is to do now that the socket is ready for this.</summary>
    /// <exception cref="MqttException">The connection is lost.</exception>
    internal void Turn(short ready)
    {
        if (Socket < 0)
        {
            throw Lost(Mosquitto.ErrorConnectionLost);
        }

        _wasWritable |= (ready & Epoll.Writable) != 0;
        if (ready != 0 || HasMore)
        {
            Read();
            if ((ready & Epoll.PeerGone) != 0 && !IsAccepted)
            {
                throw Lost(Mosquitto.ErrorConnectionLost);
            }
        }

        Check(Mosquitto.mosquitto_loop_misc(_client));
        Write();
    }

    internal void Subscribe(string filter, MqttQos qos)
    {
        Check(Mosquitto.mosquitto_subscribe(_client, out var messageId, filter, (int)qos));
        _ = _subscribing.Add(messageId);
    }

    /// <summary>Goes out with the next <see cref="Write"/>, or when the broker has acknowledged others.</summary>
    internal void Publish(PendingPublish message) => _waiting.Enqueue(message);

    /// <summary>
    /// Hands queued packets to the network as far as it takes them. libmosquitto sends each on its own; several are
    /// gathered by the kernel, so that they do not make as many segments and wake the broker as often.
    /// </summary>
    internal void Write()
    {
        do
        {
            SendWaiting();
            WriteQueued();
        }
        while (_waiting.Count > 0 && _unacknowledged.Count <= _goOnAt);
    }

    /// <summary>Begins to say good-bye, so that the broker does not publish the will.</summary>
    internal void BeginDisconnect() => _ = Mosquitto.mosquitto_disconnect(_client);

    /// <summary>Whether good-bye has left, or cannot leave any more, after another try.</summary>
    internal bool HasLeft() =>
        Socket < 0
        || !WantsWrite
        || Mosquitto.mosquitto_loop_write(_client, 1) != Mosquitto.Success
        || Socket < 0
        || !WantsWrite;

    internal void FailUnacknowledged(string why)
    {
        foreach (var message in _unacknowledged.Values)
        {
            message.Fail(why);
        }

        foreach (var message in _waiting)
        {
            message.Fail(why);
        }

        _unacknowledged.Clear();
        _waiting.Clear();
    }

    public void Dispose()
    {
        if (_client != IntPtr.Zero)
        {
            Mosquitto.mosquitto_destroy(_client);
            _client = IntPtr.Zero;
            _self.Free();
        }

        FailUnacknowledged("The connection was lost before the acknowledgement.");
    }

    /// <summary>Many at a time, so that a segment has many of them.</summary>
    private void SendWaiting()
    {
        if (_unacknowledged.Count > _goOnAt)
        {
            return;
        }

        while (_unacknowledged.Count < _maxInFlight && _waiting.TryDequeue(out var message))
        {
            Send(message);
        }
    }

    private void Send(PendingPublish message)
    {
        var error = Mosquitto.mosquitto_publish(
            _client,
            out var messageId,
            message.Topic,
            message.Payload.Length,
            message.Payload.Span,
            (int)message.Qos,
            message.Retain);
        if (error != Mosquitto.Success)
        {
            message.Fail($"Not published on {message.Topic}: {Mosquitto.Describe(error)}");
            return;
        }

        _unacknowledged.Add(messageId, message);
        _queued++;
    }

    private void WriteQueued()
    {
        if (!WantsWrite)
        {
            return;
        }

        var socket = Socket;
        var isCorked = _queued > 1 && !_isLocal && socket >= 0 && Cork.TrySet(socket, true);
        _queued = 0;
        try
        {
            Check(Mosquitto.mosquitto_loop_write(_client, 1));
        }
        finally
        {
            // Not on another connection that was given the number meanwhile.
            if (isCorked && Socket == socket)
            {
                _ = Cork.TrySet(socket, false);
            }
        }
    }

    private void Configure(MqttOptions options, int maxUnacknowledged)
    {
        Check(Mosquitto.mosquitto_threaded_set(_client, threaded: true));
        Check(Mosquitto.mosquitto_int_option(_client, Mosquitto.OptionTcpNoDelay, _isLocal ? 0 : 1));
        Check(Mosquitto.mosquitto_int_option(_client, Mosquitto.OptionSendMaximum, maxUnacknowledged));
        Mosquitto.mosquitto_connect_callback_set(_client, &OnConnect);
        Mosquitto.mosquitto_publish_callback_set(_client, &OnPublish);
        Mosquitto.mosquitto_message_callback_set(_client, &OnMessage);
        Mosquitto.mosquitto_subscribe_callback_set(_client, &OnSubscribe);
        Mosquitto.mosquitto_log_callback_set(_client, &OnLog);
        if (options.UserName is not null)
        {
            Check(Mosquitto.mosquitto_username_pw_set(_client, options.UserName, options.Password));
        }

        if (options.TlsAuthorityFile is { } authority)
        {
            var error = Mosquitto.mosquitto_tls_set(_client, authority, null, null, null, IntPtr.Zero);
            if (error != Mosquitto.Success)
            {
                throw new MqttException(
                    $"The TLS authority file {authority} cannot be used: {Mosquitto.Describe(error)}",
                    MqttFault.Untrusted);
            }
        }

        if (options.Will is { } will)
        {
            Check(Mosquitto.mosquitto_will_set(
                _client, will.Topic, will.Payload.Length, will.Payload, (int)will.Qos, will.Retain));
        }
    }

    /// <summary>
    /// Reads on while packets arrive: TLS may hold more of them than the socket shows. Bounded, for the writes' sake;
    /// what may be left over then is read in the next turn without waiting.
    /// </summary>
    private void Read()
    {
        const int MaxRounds = 1000;
        var rounds = 0;
        int before;
        do
        {
            before = _callbacks;
            Check(Mosquitto.mosquitto_loop_read(_client, 1));
        }
        while (_callbacks != before && ++rounds < MaxRounds && Socket >= 0);
        HasMore = rounds == MaxRounds;
    }

    private void Check(int error)
    {
        if (error != Mosquitto.Success)
        {
            throw Lost(error);
        }
    }

    private MqttException Lost(int error)
    {
        if (Refusal is { } refusal)
        {
            return new MqttException(refusal, MqttFault.Refused);
        }

        if (IsAccepted)
        {
            return new MqttException(Mosquitto.Describe(error), MqttFault.Lost);
        }

        return _tlsTrouble is { } trouble
            ? new MqttException(trouble, MqttFault.Untrusted)
            : new MqttException(Mosquitto.Describe(error), MqttFault.Unreachable);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnConnect(IntPtr client, IntPtr self, int reason) =>
        Guarded(self, session =>
        {
            session.IsAccepted = reason == 0;
            session.Refusal = reason == 0 ? null : Mosquitto.DescribeRefusal(reason);
            if (session.IsAccepted && !session._tls)
            {
                // For whom it tells anything it writes a line about every packet. A later fault it returns as well;
                // only of TLS the line says more.
                Mosquitto.mosquitto_log_callback_set(client, null);
            }
        });

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnPublish(IntPtr client, IntPtr self, int messageId) =>
        Guarded(self, session =>
        {
            if (session._unacknowledged.Remove(messageId, out var message))
            {
                message.Complete();
            }
        });

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnMessage(IntPtr client, IntPtr self, Mosquitto.NativeMessage* native)
    {
        var message = *native;
        Guarded(self, session =>
        {
            session._queued++; // its PUBACK
            var topic = Marshal.PtrToStringUTF8(message.Topic) ?? string.Empty;
            var payload = new ReadOnlySpan<byte>((void*)message.Payload, message.PayloadLength).ToArray();
            session._events.Received(new MqttMessage(topic, payload, message.Retain != 0));
        });
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnSubscribe(IntPtr client, IntPtr self, int messageId, int count, int* granted)
    {
        var refused = count < 1 || granted[0] == Mosquitto.GrantedNothing;
        Guarded(self, session =>
        {
            _ = session._subscribing.Remove(messageId);
            if (refused)
            {
                session._events.Report("The broker refused a subscription.", null);
            }
        });
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnLog(IntPtr client, IntPtr self, int level, byte* text)
    {
        if ((level & (Mosquitto.LogWarning | Mosquitto.LogError)) != 0)
        {
            var line = Marshal.PtrToStringUTF8((IntPtr)text) ?? string.Empty;
            Guarded(self, session =>
            {
                // Before the broker's answer only TLS has anything to complain of; the first complaint says of what.
                session._tlsTrouble ??= session._tls && !session.IsAccepted ? line : null;
                session._events.Report(line, null);
            });
        }
    }

    /// <summary>An exception that reached the native caller would end the process.</summary>
    private static void Guarded(IntPtr self, Action<MosquittoSession> action)
    {
        var session = (MosquittoSession)GCHandle.FromIntPtr(self).Target!;
        session._callbacks++;
#pragma warning disable CA1031 // It is reported; nothing may pass into native code.
        try
        {
            action(session);
        }
        catch (Exception exception)
        {
            session._events.Report("A handler failed.", exception);
        }
#pragma warning restore CA1031
    }
}

/// <summary>Where a session tells what happened; called on the connection's thread.</summary>
internal interface IMosquittoEvents
{
    void Received(MqttMessage message);

    /// <summary>Must not throw.</summary>
    void Report(string what, Exception? exception);
}
