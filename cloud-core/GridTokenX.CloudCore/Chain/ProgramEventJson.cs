using System.Text.Json;
using System.Text.Json.Serialization;
using GridTokenX.Programs;
using GridTokenX.Programs.Events;

namespace GridTokenX.CloudCore.Chain;

/// <summary>How an event stands in the database; the reconciler's SQL reads the same members.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectRequiredConstructorParameters = true,
    Converters =
    [
        typeof(LowerCaseEnumConverter<OrderSide>),
        typeof(LowerCaseEnumConverter<OrderClosingReason>),
        typeof(LowerCaseEnumConverter<UserType>),
    ])]
[JsonSerializable(typeof(UserRegistered))]
[JsonSerializable(typeof(MeterRegistered))]
[JsonSerializable(typeof(MeterBalanceSettled))]
[JsonSerializable(typeof(MeterDeactivated))]
[JsonSerializable(typeof(TokensRetired))]
[JsonSerializable(typeof(OrderCreated))]
[JsonSerializable(typeof(OrderCancelled))]
[JsonSerializable(typeof(TradeExecuted))]
internal sealed partial class ProgramEventJson : JsonSerializerContext
{
    private static readonly Dictionary<string, Type> Kinds = new(StringComparer.Ordinal)
    {
        ["user_registered"] = typeof(UserRegistered),
        ["meter_registered"] = typeof(MeterRegistered),
        ["meter_balance_settled"] = typeof(MeterBalanceSettled),
        ["meter_deactivated"] = typeof(MeterDeactivated),
        ["tokens_retired"] = typeof(TokensRetired),
        ["order_created"] = typeof(OrderCreated),
        ["order_cancelled"] = typeof(OrderCancelled),
        ["trade_executed"] = typeof(TradeExecuted),
    };

    private static readonly Dictionary<Type, string> Names =
        Kinds.ToDictionary(static kind => kind.Value, static kind => kind.Key);

    public static string KindOf(ProgramEvent @event) => Names[@event.GetType()];

    public static string Write(ProgramEvent @event) => JsonSerializer.Serialize(@event, @event.GetType(), Default);

    /// <exception cref="JsonException">No event of a known kind.</exception>
    public static ProgramEvent Read(string kind, string json) =>
        Kinds.TryGetValue(kind, out var type) && JsonSerializer.Deserialize(json, type, Default) is ProgramEvent read
            ? read
            : throw new JsonException($"{kind} is no known kind of event.");
}

internal sealed class LowerCaseEnumConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower)
    where T : struct, Enum;
