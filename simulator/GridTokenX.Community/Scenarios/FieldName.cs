using System.Text.Json;

namespace GridTokenX.Community.Scenarios;

/// <summary>Values as scenario files, reports and settings name them: <c>call_auction</c>.</summary>
internal static class FieldName
{
    public static string Of<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
