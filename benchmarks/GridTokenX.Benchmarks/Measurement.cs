using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GridTokenX.Benchmarks;

/// <summary>One measured figure.</summary>
/// <param name="Baseline">The figure to compare with, in the same unit.</param>
/// <param name="BaselineIs">What was measured for it, and where.</param>
internal sealed record Measurement(
    string Bench, string Metric, string Unit, double Value, double? Baseline = null, string? BaselineIs = null)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The value in baselines.</summary>
    public double? Ratio => Baseline is { } baseline ? Math.Round(Value / baseline, 3) : null;

    public string ToJson() => JsonSerializer.Serialize(this, Json);
}
