using System.Text.Json;
using GridTokenX.Solana.Rpc;

namespace GridTokenX.Solana.PubSub;

/// <summary>Solana's PubSub over one WebSocket. It connects with the first subscription; when the connection is lost it
/// connects again, renews every subscription and marks the gap in each. Safe for use by several threads.</summary>
public sealed class SolanaPubSubClient : IAsyncDisposable
{
    private readonly PubSubOptions _options;
    private readonly PubSubConnection _connection;

    public SolanaPubSubClient(PubSubOptions options, TimeProvider time)
    {
        options.Validate();
        _options = options;
        _connection = new PubSubConnection(options, time);
    }

    /// <summary>Ends by itself after the one notification that there is: the transaction has reached the commitment.
    /// Returns, as the other methods do, once the node has taken the subscription.</summary>
    public Task<Subscription<SignatureNotification>> SubscribeSignatureAsync(
        Signature signature, Commitment? commitment = null, CancellationToken cancellationToken = default) =>
        SubscribeAsync(
            "signature",
            to =>
            {
                to.WriteStringValue(signature.ToString());
                WriteConfig(to, commitment);
            },
            value => new SignatureNotification(TransactionError.Parse(value.GetProperty("err"u8))),
            cancellationToken,
            endsAfterFirst: true);

    /// <param name="mentions">Only transactions that name this account; null for all.</param>
    public Task<Subscription<LogsNotification>> SubscribeLogsAsync(
        PublicKey? mentions = null, Commitment? commitment = null, CancellationToken cancellationToken = default) =>
        SubscribeAsync(
            "logs",
            to =>
            {
                WriteMentions(to, mentions);
                WriteConfig(to, commitment);
            },
            ReadLogs,
            cancellationToken);

    public Task<Subscription<AccountInfo>> SubscribeAccountAsync(
        PublicKey account, Commitment? commitment = null, CancellationToken cancellationToken = default) =>
        SubscribeAsync(
            "account",
            to =>
            {
                to.WriteStringValue(account.ToString());
                WriteAccountConfig(to, commitment, []);
            },
            value => RpcJson.ReadAccount(value) ?? throw new FormatException("A notification without an account."),
            cancellationToken);

    /// <summary>The program's accounts that pass every filter, each time one changes.</summary>
    public Task<Subscription<ProgramAccount>> SubscribeProgramAsync(
        PublicKey program, IReadOnlyList<AccountFilter>? filters = null, Commitment? commitment = null,
        CancellationToken cancellationToken = default) => SubscribeAsync(
        "program",
        to =>
        {
            to.WriteStringValue(program.ToString());
            WriteAccountConfig(to, commitment, filters ?? []);
        },
        RpcJson.ReadProgramAccount,
        cancellationToken);

    public Task<Subscription<SlotNotification>> SubscribeSlotAsync(CancellationToken cancellationToken = default)
    {
        var core = new SubscriptionCore<SlotNotification>("slot", _ => { }, _options.BufferCapacity, false, result =>
        {
            var slot = result.GetProperty("slot"u8).GetUInt64();
            return new Notification<SlotNotification>(slot, new SlotNotification(
                slot, result.GetProperty("parent"u8).GetUInt64(), result.GetProperty("root"u8).GetUInt64()));
        });
        return OpenAsync(core, cancellationToken);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private Task<Subscription<T>> SubscribeAsync<T>(
        string method, Action<Utf8JsonWriter> parameters, Func<JsonElement, T> readValue,
        CancellationToken cancellationToken, bool endsAfterFirst = false)
        where T : class
    {
        var core = new SubscriptionCore<T>(
            method, parameters, _options.BufferCapacity, endsAfterFirst,
            result => new Notification<T>(RpcJson.ContextSlot(result), readValue(RpcJson.Value(result))));
        return OpenAsync(core, cancellationToken);
    }

    private async Task<Subscription<T>> OpenAsync<T>(SubscriptionCore<T> core, CancellationToken cancellationToken)
        where T : class
    {
        await _connection.AddAsync(core);
        try
        {
            await core.Ready.Task.WaitAsync(cancellationToken);
            return new Subscription<T>(_connection, core);
        }
        catch (OperationCanceledException)
        {
            await _connection.RemoveAsync(core);
            throw;
        }
    }

    private void WriteConfig(Utf8JsonWriter to, Commitment? commitment)
    {
        to.WriteStartObject();
        to.WriteString("commitment"u8, RpcJson.Name(commitment ?? _options.Commitment));
        to.WriteEndObject();
    }

    private void WriteAccountConfig(Utf8JsonWriter to, Commitment? commitment, IReadOnlyList<AccountFilter> filters)
    {
        to.WriteStartObject();
        to.WriteString("encoding"u8, "base64"u8);
        to.WriteString("commitment"u8, RpcJson.Name(commitment ?? _options.Commitment));
        if (filters.Count > 0)
        {
            to.WriteStartArray("filters"u8);
            foreach (var filter in filters)
            {
                filter.Write(to);
            }

            to.WriteEndArray();
        }

        to.WriteEndObject();
    }

    private static void WriteMentions(Utf8JsonWriter to, PublicKey? mentions)
    {
        if (mentions is not { } account)
        {
            to.WriteStringValue("all"u8);
            return;
        }

        to.WriteStartObject();
        to.WriteStartArray("mentions"u8);
        to.WriteStringValue(account.ToString());
        to.WriteEndArray();
        to.WriteEndObject();
    }

    private static LogsNotification ReadLogs(JsonElement value) => new(
        Signature.Parse(value.GetProperty("signature"u8).GetString()!),
        TransactionError.Parse(value.GetProperty("err"u8)),
        RpcJson.ReadLogs(value.GetProperty("logs"u8)));
}
