using System.Text.Json;

namespace GridTokenX.Protocol.Api;

/// <summary>A transaction for the chain, as the operator sees it.</summary>
/// <param name="Id">Position in the outbox.</param>
/// <param name="IntentId">Of the mint, grant, order or settlement it belongs to.</param>
/// <param name="Kind">What it does.</param>
/// <param name="Intent">All of what it does.</param>
/// <param name="Status"><c>pending</c>, <c>sent</c>, <c>confirmed</c>, <c>refused</c> or <c>parked</c>.</param>
/// <param name="Attempts">How often it was refused.</param>
/// <param name="NextAttemptAt">Wall time.</param>
/// <param name="TxSignature">Of the transaction signed last.</param>
/// <param name="LastError">Why it is where it is.</param>
/// <param name="CreatedAt">Market time.</param>
public sealed record OutboxEntry(
    long Id,
    Guid IntentId,
    string Kind,
    JsonElement Intent,
    string Status,
    int Attempts,
    DateTimeOffset NextAttemptAt,
    string? TxSignature,
    string? LastError,
    DateTimeOffset CreatedAt);

/// <summary>
/// <c>GET /api/operator/outbox</c>, oldest first; <c>Next</c> is the cursor of the next page, null at the end.
/// </summary>
public sealed record OutboxPage(IReadOnlyList<OutboxEntry> Entries, string? Next);

/// <summary><c>POST /api/operator/outbox/{id}/park</c>, signed by the operator.</summary>
/// <param name="Reason">1–200 characters; it is shown as the row's error.</param>
public sealed record ParkRequest(string Reason);
