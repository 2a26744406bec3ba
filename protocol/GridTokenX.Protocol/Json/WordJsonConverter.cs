using System.Text.Json.Serialization;

namespace GridTokenX.Protocol.Json;

/// <summary>An enum as its word; numbers are refused.</summary>
public sealed class WordJsonConverter<T>() : JsonStringEnumConverter<T>(namingPolicy: null, allowIntegerValues: false)
    where T : struct, Enum;
