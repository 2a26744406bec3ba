using System.Text.Json.Serialization;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;

namespace GridTokenX.Protocol.Api;

/// <summary>What became of one reading of a batch, in the order of the batch.</summary>
/// <param name="Device">Null when the reading could not be read at all.</param>
/// <param name="Sequence">Null likewise.</param>
/// <param name="Status"><c>accepted</c>, <c>duplicate</c> (stored before; as good as accepted) or
/// <c>rejected</c>.</param>
/// <param name="Code">Why it was rejected: one of <see cref="ProblemCodes"/>.</param>
public sealed record ReadingResult(Key32? Device, long? Sequence, string Status, string? Code)
{
    public const string Accepted = "accepted";
    public const string Duplicate = "duplicate";
    public const string Rejected = "rejected";
}

/// <summary>The answer to <c>POST /api/gateways/{gateway}/readings</c>: one result per reading.</summary>
public sealed record ReadingBatchResponse(IReadOnlyList<ReadingResult> Results);

/// <summary>
/// <c>POST /api/meters/submit-reading</c>: the original payload with the remaining signed fields beside it.
/// </summary>
/// <param name="MeterId">The registered meter.</param>
/// <param name="WalletAddress">The owner's wallet.</param>
/// <param name="KwhAmount">Net energy since the device's previous accepted reading.</param>
/// <param name="ReadingTimestamp">End of the interval.</param>
/// <param name="MeterSignature">64 bytes, Base58, over the canonical bytes.</param>
/// <param name="PublicKey">The device; must be the registered one.</param>
public sealed record SubmitReadingRequest(
    string MeterId,
    Key32 WalletAddress,
    decimal KwhAmount,
    [property: JsonConverter(typeof(IsoSecondsJsonConverter))] DateTimeOffset ReadingTimestamp,
    [property: JsonConverter(typeof(Base58SignatureJsonConverter))] byte[] MeterSignature,
    Key32 PublicKey,
    long Sequence,
    long ProductionWh,
    long ConsumptionWh,
    ushort SocPermille,
    ushort Flags,
    [property: JsonPropertyName("interval_s")] uint IntervalSeconds);
