using System.Globalization;
using System.Text.Json;

namespace GridTokenX.Solana.Rpc;

/// <summary>Reads Solana's JSON forms. Amounts are read as 64-bit integers, never through floating point.</summary>
internal static class RpcJson
{
    public static string Name(Commitment commitment) => commitment switch
    {
        Commitment.Processed => "processed",
        Commitment.Confirmed => "confirmed",
        Commitment.Finalized => "finalized",
        _ => throw new ArgumentOutOfRangeException(nameof(commitment)),
    };

    public static Commitment ReadCommitment(JsonElement status) => status.ValueKind == JsonValueKind.String
        ? status.GetString() switch
        {
            "processed" => Commitment.Processed,
            "confirmed" => Commitment.Confirmed,
            "finalized" => Commitment.Finalized,
            var other => throw new FormatException($"Unknown commitment {other}."),
        }
        : Commitment.None;

    public static ulong ContextSlot(JsonElement result) =>
        result.GetProperty("context"u8).GetProperty("slot"u8).GetUInt64();

    public static JsonElement Value(JsonElement result) => result.GetProperty("value"u8);

    public static PublicKey ReadKey(JsonElement element) => PublicKey.Parse(element.GetString()!);

    public static ulong ReadAmount(JsonElement text) =>
        ulong.Parse(text.GetString()!, NumberStyles.None, CultureInfo.InvariantCulture);

    public static T? Optional<T>(JsonElement from, ReadOnlySpan<byte> name, Func<JsonElement, T> read)
        where T : struct =>
        from.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? read(value) : null;

    public static JsonElement Member(JsonElement from, ReadOnlySpan<byte> name) =>
        from.TryGetProperty(name, out var value) ? value : default;

    public static T[] ReadArray<T>(JsonElement array, Func<JsonElement, T> read) =>
        array.ValueKind == JsonValueKind.Array ? [.. array.EnumerateArray().Select(read)] : [];

    public static string[] ReadLogs(JsonElement logs) => ReadArray(logs, line => line.GetString() ?? "");

    public static AccountInfo? ReadAccount(JsonElement account) => account.ValueKind == JsonValueKind.Null
        ? null
        : new AccountInfo(
            ReadKey(account.GetProperty("owner"u8)),
            account.GetProperty("lamports"u8).GetUInt64(),
            account.GetProperty("data"u8)[0].GetBytesFromBase64(),
            account.GetProperty("executable"u8).GetBoolean());

    public static ProgramAccount ReadProgramAccount(JsonElement row) => new(
        ReadKey(row.GetProperty("pubkey"u8)),
        ReadAccount(row.GetProperty("account"u8)) ?? throw new FormatException("An account row without an account."));

    public static TokenAmount ReadTokenAmount(JsonElement amount) =>
        new(ReadAmount(amount.GetProperty("amount"u8)), amount.GetProperty("decimals"u8).GetByte());

    public static SignatureStatus? ReadStatus(JsonElement status) => status.ValueKind == JsonValueKind.Null
        ? null
        : new SignatureStatus(
            status.GetProperty("slot"u8).GetUInt64(),
            TransactionError.Parse(status.GetProperty("err"u8)),
            ReadStatusCommitment(status));

    public static SignatureInfo ReadSignatureInfo(JsonElement row) => new(
        Signature.Parse(row.GetProperty("signature"u8).GetString()!),
        row.GetProperty("slot"u8).GetUInt64(),
        TransactionError.Parse(row.GetProperty("err"u8)),
        Member(row, "memo"u8) is { ValueKind: JsonValueKind.String } memo ? memo.GetString() : null,
        Optional(row, "blockTime"u8, time => time.GetInt64()),
        ReadCommitment(Member(row, "confirmationStatus"u8)));

    public static SimulationResult ReadSimulation(JsonElement value) => new(
        TransactionError.Parse(value.GetProperty("err"u8)),
        ReadLogs(Member(value, "logs"u8)),
        Optional(value, "unitsConsumed"u8, units => units.GetUInt64()));

    public static ConfirmedTransaction? ReadTransaction(JsonElement result)
    {
        if (result.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        var meta = result.GetProperty("meta"u8);
        return new ConfirmedTransaction(
            result.GetProperty("slot"u8).GetUInt64(),
            Optional(result, "blockTime"u8, time => time.GetInt64()),
            Transaction.Deserialize(result.GetProperty("transaction"u8)[0].GetBytesFromBase64()),
            TransactionError.Parse(meta.GetProperty("err"u8)),
            meta.GetProperty("fee"u8).GetUInt64(),
            ReadLogs(Member(meta, "logMessages"u8)),
            Optional(meta, "computeUnitsConsumed"u8, units => units.GetUInt64()),
            ReadArray(Member(meta, "preBalances"u8), balance => balance.GetUInt64()),
            ReadArray(Member(meta, "postBalances"u8), balance => balance.GetUInt64()),
            ReadArray(Member(meta, "preTokenBalances"u8), ReadTokenBalance),
            ReadArray(Member(meta, "postTokenBalances"u8), ReadTokenBalance),
            meta.Clone());
    }

    // Older nodes give the number of confirmations only, null meaning that the block is final.
    private static Commitment ReadStatusCommitment(JsonElement status)
    {
        var named = ReadCommitment(Member(status, "confirmationStatus"u8));
        if (named != Commitment.None)
        {
            return named;
        }

        return Member(status, "confirmations"u8).ValueKind == JsonValueKind.Null
            ? Commitment.Finalized
            : Commitment.Processed;
    }

    private static TokenBalance ReadTokenBalance(JsonElement row)
    {
        var amount = ReadTokenAmount(row.GetProperty("uiTokenAmount"u8));
        return new TokenBalance(
            row.GetProperty("accountIndex"u8).GetInt32(),
            ReadKey(row.GetProperty("mint"u8)),
            Member(row, "owner"u8) is { ValueKind: JsonValueKind.String } owner ? ReadKey(owner) : null,
            amount.Amount,
            amount.Decimals);
    }
}
