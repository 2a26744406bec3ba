using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.Json;
using GridTokenX.CloudCore.Api;
using GridTokenX.Protocol.Json;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Readings;

namespace GridTokenX.CloudCore.Ingest;

/// <summary>One reading as it came in.</summary>
/// <param name="Reading">Null when it cannot be read, or a field is out of its range.</param>
/// <param name="Device">As far as it could be read.</param>
/// <param name="Sequence">As far as it could be read.</param>
/// <param name="Claims">What the single endpoint's payload says beside the signed fields.</param>
internal sealed record Submission(SignedReading? Reading, Key32? Device, long? Sequence, ReadingClaims? Claims = null)
{
    internal static Submission Of(SignedReading reading, ReadingClaims? claims = null) =>
        new(reading.IsWellFormed ? reading : null, reading.Device, reading.Sequence, claims);
}

/// <param name="MeterId">The meter it says it is from.</param>
/// <param name="Wallet">The wallet it says owns the meter.</param>
/// <param name="NetKwh">The net energy it says was counted since the device's previous accepted reading.</param>
internal sealed record ReadingClaims(string MeterId, Key32 Wallet, decimal NetKwh);

/// <summary>
/// A JSON array of readings, or one reading a line. Each reading is parsed alone: a bad one spoils no other.
/// </summary>
internal static class ReadingBatchParser
{
    /// <summary>What signatures and keys in Base58 leave to be gained.</summary>
    private const int UsualRatio = 3;

    /// <exception cref="JsonException">An array that is no JSON.</exception>
    /// <exception cref="BatchTooLargeException">More than <paramref name="most"/> readings.</exception>
    internal static IReadOnlyList<Submission> Parse(ReadOnlySpan<byte> body, int most)
    {
        var start = body.TrimStart(" \t\r\n"u8);
        return start.StartsWith("["u8) ? ParseArray(start, most) : ParseLines(start, most);
    }

    /// <summary>Unpacks gzip.</summary>
    /// <exception cref="InvalidDataException">It is not gzip.</exception>
    /// <exception cref="BatchTooLargeException">It unpacks to more than <paramref name="most"/> bytes.</exception>
    /// <exception cref="OverloadedException">There is no memory for it.</exception>
    internal static void Unpack(ReadOnlyMemory<byte> packed, BodyBuffer unpacked, int most)
    {
        using var source = MemoryMarshal.TryGetArray(packed, out var array)
            ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
            : new MemoryStream(packed.ToArray(), writable: false);
        using var gzip = new GZipStream(source, CompressionMode.Decompress);
        unpacked.Reserve(Math.Min(most, UsualRatio * packed.Length));
        int read;
        while ((read = gzip.Read(unpacked.Room().Span)) > 0)
        {
            unpacked.Advance(read);
            if (unpacked.Length > most)
            {
                throw new BatchTooLargeException($"At most {most} bytes unpacked.");
            }
        }
    }

    private static List<Submission> ParseArray(ReadOnlySpan<byte> body, int most)
    {
        var submissions = new List<Submission>();
        var reader = new Utf8JsonReader(body);
        _ = reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            Add(submissions, body[start..(int)reader.BytesConsumed], most);
        }

        // Throws when anything but white space follows the array.
        _ = reader.Read();
        return submissions;
    }

    private static List<Submission> ParseLines(ReadOnlySpan<byte> body, int most)
    {
        var submissions = new List<Submission>();
        foreach (var range in body.Split((byte)'\n'))
        {
            var line = body[range].Trim(" \t\r"u8);
            if (!line.IsEmpty)
            {
                Add(submissions, line, most);
            }
        }

        return submissions;
    }

    private static void Add(List<Submission> submissions, ReadOnlySpan<byte> json, int most)
    {
        if (submissions.Count == most)
        {
            throw new BatchTooLargeException($"At most {most} readings.");
        }

        submissions.Add(ParseOne(json));
    }

    private static Submission ParseOne(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ProtocolJson.Default.SignedReading) is { } reading
                ? Submission.Of(reading)
                : new Submission(null, null, null);
        }
        catch (JsonException)
        {
            return Salvage(json);
        }
    }

    /// <summary>Which reading it was meant to be, as far as that can be told.</summary>
    private static Submission Salvage(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            if (!JsonDocument.TryParseValue(ref reader, out var document))
            {
                return new Submission(null, null, null);
            }

            using (document)
            {
                var root = document.RootElement;
                return root.ValueKind == JsonValueKind.Object
                    ? new Submission(null, DeviceOf(root), SequenceOf(root))
                    : new Submission(null, null, null);
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // No JSON, or a member's name that is no Unicode.
            return new Submission(null, null, null);
        }
    }

    private static Key32? DeviceOf(JsonElement reading)
    {
        try
        {
            return reading.TryGetProperty("device", out var device)
                && device.ValueKind == JsonValueKind.String
                && Key32.TryParse(device.GetString(), out var key)
                    ? key
                    : null;
        }
        catch (InvalidOperationException)
        {
            // A string that is no Unicode.
            return null;
        }
    }

    private static long? SequenceOf(JsonElement reading) =>
        reading.TryGetProperty("sequence", out var sequence)
        && sequence.ValueKind == JsonValueKind.Number
        && sequence.TryGetInt64(out var value)
            ? value
            : null;
}

/// <summary>A batch beyond its bounds.</summary>
public sealed class BatchTooLargeException(string message) : Exception(message);
