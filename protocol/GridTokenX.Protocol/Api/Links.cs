namespace GridTokenX.Protocol.Api;

/// <summary><c>GET /api/operator/links</c>: ways between zones, and what they have carried.</summary>
public sealed record LinkList(IReadOnlyList<LinkView> Links);

/// <param name="From">The sellers' zone.</param>
/// <param name="To">The buyers' zone.</param>
/// <param name="Terms">As they are set; null where the way is closed by now.</param>
/// <param name="Matches">Since the beginning, but for those whose settlement has failed for good.</param>
/// <param name="SentWh">Of them, fed in.</param>
/// <param name="LostWh">Of it, lost on the way.</param>
/// <param name="ValueUgrx">Paid for it to the sellers, with the fee.</param>
/// <param name="WheelingUgrx">Owed for it to the grid by the buyers; a match that is not settled yet counts.</param>
public sealed record LinkView(
    string From,
    string To,
    LinkTerms? Terms,
    long Matches,
    long SentWh,
    long LostWh,
    long ValueUgrx,
    long WheelingUgrx);

/// <param name="WheelingPrice">GRX for each kWh that arrives.</param>
/// <param name="LossPpm">Lost of what is sent, in millionths.</param>
/// <param name="CapacityKwh">The most that is sent in one epoch.</param>
public sealed record LinkTerms(decimal WheelingPrice, int LossPpm, decimal CapacityKwh);
